"""Installs the peers into `benchmarks/.peers/`, with pip and npm and whatever they are configured to use.

What cannot be installed is said, once, in words that end up in the rows concerned; nothing here fails.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.peers import HERE, INSTALLED, PEER_PYTHON

TIMEOUT_S = 300


def install() -> dict[str, str]:
    """Why a part is missing, for each part that is: {"node": "node is not installed"}."""
    INSTALLED.mkdir(exist_ok=True)
    reasons = {"venv": install_venv(), "node": install_node()}
    return {part: reason for part, reason in reasons.items() if reason}


def install_venv() -> str:
    """gevent, gunicorn and Flask-SocketIO beside them; '' when they are there."""
    wanted = HERE / "requirements.txt"
    if is_installed(INSTALLED / "venv", wanted):
        return ""
    return run([sys.executable, "-m", "venv", str(INSTALLED / "venv")]) or finish(
        run([str(PEER_PYTHON), "-m", "pip", "install", "--quiet", "-r", str(wanted)]),
        INSTALLED / "venv",
        wanted,
    )


def install_node() -> str:
    """socket.io for Node, as the committed lock file has it; '' when it is there."""
    if not shutil.which("node") or not shutil.which("npm"):
        return "node and npm are not installed"
    wanted, target = HERE / "node" / "package-lock.json", INSTALLED / "node"
    if is_installed(target, wanted):
        return ""
    target.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / "node" / name, target / name)
    command = ["npm", "ci", "--omit=dev", "--no-audit", "--no-fund", "--prefix", str(target)]
    return finish(run(command), target, wanted)


def is_installed(target: Path, wanted: Path) -> bool:
    """Whether the very same list was installed to its end before."""
    done = target / ".installed"
    return done.exists() and done.read_text() == fingerprint(wanted)


def finish(reason: str, target: Path, wanted: Path) -> str:
    """Remembers a whole installation; passes the reason of a broken one on."""
    if not reason:
        (target / ".installed").write_text(fingerprint(wanted))
    return reason


def fingerprint(wanted: Path) -> str:
    """Which list, for which Python."""
    return hashlib.sha256(wanted.read_bytes() + sys.version.encode()).hexdigest()


def run(command: list[str]) -> str:
    """'' or the last line of what went wrong."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{Path(command[0]).name}: {type(error).__name__}"
    if done.returncode == 0:
        return ""
    lines = (done.stderr or done.stdout).strip().splitlines() or ["no output"]
    return f"{Path(command[0]).name}: {lines[-1][:120]}"
