"""What runs on Flower, in the environment that `make test` makes for it.

The tests themselves are where their subject is, and skipped wherever Flower is not.
"""

import subprocess
from pathlib import Path

import pytest

PYTHON = Path("build/flower/bin/python")
# Flower wants an older typer than ours, which asks click for what is to go away.
OPTIONS = ("-q", "-p", "no:cacheprovider", "-W", "ignore:'click:DeprecationWarning")
TESTS = ("tests/federation/flower", "tests/simulation/test_flower_engine.py")


def run_there(*options: str) -> None:
    if not PYTHON.exists():
        pytest.skip("Flower's environment is not there; `make test` makes it")
    command = [str(PYTHON), "-m", "pytest", *OPTIONS, *options, *TESTS]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "skipped" not in done.stdout


def test_a_study_on_flower_gives_our_bits_and_refuses_what_we_refuse() -> None:
    run_there()


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_so_it_does_on_flowers_own_programs_and_in_its_simulation_engine() -> None:
    run_there("--run-slow", "-m", "slow")
