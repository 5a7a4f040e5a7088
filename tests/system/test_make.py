"""make.sh on machines that miss something: each missing piece is named with the package that brings it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("sh", "dirname", "id", "rm", "cat", "env", "cksum")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A checkout with only make.sh in it, on a machine with a handful of tools and no Python."""
    shutil.copy(ROOT / "make.sh", tmp_path / "make.sh")
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(str(shutil.which(tool)))
    return tmp_path


def has_program(machine: Path, name: str, script: str) -> None:
    program = machine / "bin" / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def make(machine: Path, *arguments: str) -> str:
    """What make.sh says before it gives up."""
    done = subprocess.run(
        ["sh", "./make.sh", *arguments],
        cwd=machine,
        env={"PATH": str(machine / "bin"), "HOME": str(machine)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stderr


@pytest.mark.parametrize("target", ["run", "test"])
def test_machine_without_python_is_told_what_to_install(machine: Path, target: str) -> None:
    said = make(machine, target)

    assert "Python is missing" in said
    assert "apt install python3 python3-venv" in said


def test_old_python_is_named_with_its_version(machine: Path) -> None:
    has_program(machine, "python3", '[ "$1" = --version ] && echo "Python 3.9.2" && exit 0; exit 1')

    said = make(machine, "run")

    assert "Python 3.9.2 is too old" in said
    assert "PYTHON=" in said


def test_python_without_venv_is_told_the_exact_package(machine: Path) -> None:
    script = 'case "$2" in *ensurepip*) exit 1 ;; *print*) echo 3.12 ;; esac'
    has_program(machine, "python3", script)

    said = make(machine, "run")

    assert "apt install python3.12-venv" in said
    assert not (machine / ".venv").exists()


def test_user_is_told_to_ask_for_the_rights_root_has(machine: Path) -> None:
    (machine / "bin" / "id").unlink()
    has_program(machine, "id", "echo 1000")

    assert "sudo apt install python3 python3-venv" in make(machine, "run")


def test_unknown_target_lists_those_there_are(machine: Path) -> None:
    assert "run, test, lint, bench, soak, torture, clean" in make(machine, "nonsense")


def test_script_is_plain_sh() -> None:
    subprocess.run(["sh", "-n", str(ROOT / "make.sh")], check=True, timeout=60)
    assert os.access(ROOT / "make.sh", os.X_OK)
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert "make test" in (ROOT / ".ci" / "run").read_text()
