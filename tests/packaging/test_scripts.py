"""What runs on machines that are not here: workflows and shell scripts, read by other programs."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
SCRIPTS = [
    path
    for path in sorted((ROOT / "packaging").rglob("*"))
    if path.is_file() and path.read_bytes().startswith((b"#!/bin/sh", b"#!/usr/bin/env bash"))
]


def found_by(*command: str | Path) -> str:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_workflows_are_as_githubs_schema_wants_them() -> None:
    checker = Path(sys.executable).with_name("check-jsonschema")
    assert WORKFLOWS
    assert found_by(checker, "--builtin-schema", "vendor.github-workflows", *WORKFLOWS) == ""


@pytest.mark.skipif(shutil.which("actionlint") is None, reason="actionlint is not installed")
def test_actionlint_finds_nothing_in_the_workflows() -> None:
    assert found_by("actionlint", *WORKFLOWS) == ""


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_shellcheck_finds_nothing_in_the_scripts() -> None:
    assert len(SCRIPTS) > 5
    assert found_by("shellcheck", *SCRIPTS) == ""
