"""Who is measured: one row a peer, how it is started, and what it needs to be there.

Nothing is imported from a peer; each runs in a process of its own, from `.peers/`.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
INSTALLED = HERE.parent / ".peers"
PEER_PYTHON = INSTALLED / "venv" / "bin" / "python"
NODE_MODULES = INSTALLED / "node" / "node_modules"


@dataclass(frozen=True)
class Peer:
    """`command(port, clients)` starts it in the foreground; `needs` names the installer's part."""

    key: str
    label: str
    command: Callable[[int, int], list[str]]
    needs: str = ""


def module(python: str | Path, name: str) -> Callable[[int, int], list[str]]:
    """A peer that is `python -m benchmarks.peers.NAME PORT`."""
    return lambda port, _: [str(python), "-m", f"benchmarks.peers.{name}", str(port)]


def gunicorn(port: int, clients: int) -> list[str]:
    """One worker, because Socket.IO would need sticky sessions with two; a thread a client."""
    return [
        *(str(PEER_PYTHON), "-m", "gunicorn", "--worker-class", "gthread", "--workers", "1"),
        *("--threads", str(clients + 50), "--worker-connections", str(clients * 2 + 100)),
        *("--backlog", "4096", "--bind", f"127.0.0.1:{port}", "--log-level", "error"),
        "benchmarks.peers.gthread_app:app",
    ]


def node(port: int, _: int) -> list[str]:
    """Node's own Socket.IO; NODE_PATH leads to the installed packages."""
    return ["node", str(HERE / "node" / "server.js"), str(port)]


OURS = Peer("ours", "Kiosk Server", module(sys.executable, "ours_server"))
BARE = Peer("bare", "bare loop of sock.send", module(sys.executable, "bare_server"))
NODE = Peer("node", "Node, socket.io", node, needs="node")
GEVENT = Peer("gevent", "Flask-SocketIO, gevent", module(PEER_PYTHON, "gevent_server"), "venv")
GTHREAD = Peer("gthread", "Flask-SocketIO, gunicorn gthread", gunicorn, "venv")
WERKZEUG = Peer("werkzeug", "Flask-SocketIO, Werkzeug", module(PEER_PYTHON, "werkzeug_server"), "venv")
PEERS = (OURS, BARE, NODE, GEVENT, GTHREAD, WERKZEUG)
