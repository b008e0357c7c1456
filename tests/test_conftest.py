"""What the suite itself promises: no unnoticed warning, no thread left, slow tests on request."""

import os
import subprocess
import sys
from pathlib import Path

CONFTEST = Path(__file__).with_name("conftest.py")


def run_pytest(folder: Path, test_source: str, *options: str) -> str:
    (folder / "conftest.py").write_text(CONFTEST.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "test_inner.py").write_text(test_source, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n    slow: slow\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options, str(folder)]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    return done.stdout


def test_an_unexpected_warning_of_ours_fails_the_test(tmp_path: Path) -> None:
    source = """
import logging
def test_quiet(): logging.getLogger("elsewhere").warning("not ours")
def test_loud(): logging.getLogger("desktop_client.x").warning("look here")
def test_expecting(expected_warnings):
    logging.getLogger("coordinator.x").error("known")
    assert expected_warnings[0].getMessage() == "known"
"""
    output = run_pytest(tmp_path, source)
    assert "3 passed, 1 error" in output
    assert "WARNING desktop_client.x: look here" in output


def test_a_thread_that_outlives_its_test_fails_it(tmp_path: Path) -> None:
    source = """
import threading, time
def test_leak(): threading.Thread(target=time.sleep, args=(4,), name="leaky").start()
def test_short(): threading.Thread(target=time.sleep, args=(0.1,)).start()
"""
    output = run_pytest(tmp_path, source)
    assert "2 passed, 1 error" in output
    assert "Threads outlived the test: leaky" in output


def test_slow_tests_run_only_on_request(tmp_path: Path) -> None:
    source = """
import pytest
@pytest.mark.slow
def test_long(): pass
def test_short(): pass
"""
    assert "1 passed, 1 deselected" in run_pytest(tmp_path, source)
    assert "2 passed" in run_pytest(tmp_path, source, "--run-slow")
