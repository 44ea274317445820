"""Here: the environments that the servers run in, made once and reused.

Each Python server has a virtual environment of its own in `.envs/<name>`, made from `requirements-<name>.txt`; Node's
packages are in `node_modules`. A lock lets parallel test processes wait for one maker. Not here: starting anything.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import pytest
from filelock import FileLock

HERE = Path(__file__).parent
ENVIRONMENTS = HERE / ".envs"
CREATION_SECONDS = 400
NODE_MAJOR = 20


def python_of(name: str) -> Path:
    """The interpreter of the virtual environment `name`, made when it is missing or its requirements changed."""
    requirements = HERE / f"requirements-{name}.txt"
    folder = ENVIRONMENTS / name
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    wanted = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    stamp = folder / "made-from"
    with _lock(name):
        if stamp.is_file() and stamp.read_text("ascii") == wanted:
            return python
        shutil.rmtree(folder, ignore_errors=True)
        run = (sys.executable, "-m", "venv", str(folder))
        _make(run, f"the environment of {name}")
        install = (
            str(python),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-input",
            "--disable-pip-version-check",
            "--requirement",
            str(requirements),
        )
        _make(install, f"the packages of {name}")
        stamp.write_text(wanted, "ascii")
    return python


def node() -> str:
    """The path of Node, with `node_modules` filled from the lock file."""
    program = shutil.which("node")
    if program is None:
        missing("Node is not installed, which runs oidc-provider and drives Chromium")
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, timeout=20).stdout.strip()
    if int(version.removeprefix("v").split(".")[0]) < NODE_MAJOR:
        missing(f"Node is {version}, and oidc-provider needs {NODE_MAJOR} or later")
    with _lock("node"):
        if not _modules_match():
            npm = shutil.which("npm")
            if npm is None:
                missing("npm is not installed, which fetches oidc-provider")
            _make((npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"), "Node's packages")
    return program


def chromium() -> str:
    """The path of Chromium."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        missing("Chromium is not installed, which signs in on the servers' pages")
    return program


def missing(reason: str) -> NoReturn:
    """Skip the test for want of something on this machine; in CI, where all must be there, fail it instead."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def _lock(name: str) -> FileLock:
    ENVIRONMENTS.mkdir(exist_ok=True)
    return FileLock(ENVIRONMENTS / f"{name}.lock", timeout=CREATION_SECONDS)


def _make(command: Sequence[str], what: str) -> None:
    try:
        made = subprocess.run(
            command, cwd=HERE, capture_output=True, text=True, timeout=CREATION_SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        missing(f"{what} could not be made within {CREATION_SECONDS} seconds")
    if made.returncode != 0:
        last_lines = "\n".join((made.stdout + made.stderr).strip().splitlines()[-15:])
        missing(f"{what} could not be made (is the package registry in reach?):\n{last_lines}")


def _modules_match() -> bool:
    installed = HERE / "node_modules" / ".package-lock.json"
    return installed.is_file() and _versions(installed) == _versions(HERE / "package-lock.json")


def _versions(lock_file: Path) -> dict[str, str]:
    packages = json.loads(lock_file.read_text("utf-8"))["packages"]
    return {path: package["version"] for path, package in packages.items() if path}
