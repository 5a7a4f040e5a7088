"""Processes of a benchmark: servers and their load, on 127.0.0.1, gone when the block is left.

Laws: only what was started here is ended, by its own process group; a child dies with its parent
(PR_SET_PDEATHSIG), so that a killed benchmark leaves nothing behind.
"""

import contextlib
import ctypes
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from benchmarks.peers import NODE_MODULES, Peer

ROOT = Path(__file__).parent.parent
LOGS = Path(__file__).parent / "results"
START_TIMEOUT_S = 30.0
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
LIBC = ctypes.CDLL(None)


class LoadError(Exception):
    """The load says that a figure would be meaningless."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listened on a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def die_with_parent() -> None:
    """Runs in the child, before it becomes the program."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Server:
    """One peer, listening; raises LoadError when it does not answer within 30 s."""

    def __init__(self, peer: Peer, clients: int) -> None:
        self.peer, self.clients, self.port = peer, clients, free_port()

    def __enter__(self) -> Self:
        LOGS.mkdir(exist_ok=True)
        LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)  # a killed peer's own processes come to us, who await them
        with (LOGS / f"{self.peer.key}.log").open("wb") as log:
            self.process = subprocess.Popen(
                self.peer.command(self.port, self.clients),
                cwd=ROOT,
                env={**os.environ, "NODE_PATH": str(NODE_MODULES), "NODE_ENV": "production"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - the benchmark has one thread
            )
        try:
            self._await_answer()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        with contextlib.suppress(ChildProcessError):
            while True:
                os.waitpid(-self.process.pid, 0)

    def get(self, target: str) -> int:
        """The status of one GET, on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", target, headers={"Connection": "close"})
            return connection.getresponse().status
        finally:
            connection.close()

    def _await_answer(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.get("/plain") == 200:
                    return
            time.sleep(0.05)
        lines = (LOGS / f"{self.peer.key}.log").read_text(errors="replace").strip().splitlines()
        raise LoadError(f"{self.peer.label} did not start: {lines[-1] if lines else 'no output'}")

    def rss_kb(self) -> int:
        """Resident memory of the process and its children, KiB."""
        return sum(_status(pid)["VmRSS"] for pid in _tree(self.process.pid))

    def threads(self) -> int:
        """Threads of the process and its children."""
        return sum(_status(pid)["Threads"] for pid in _tree(self.process.pid))


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        # A thread may end between the listing and the reading.
        with contextlib.suppress(OSError):
            for child in (task / "children").read_text().split():
                yield from _tree(int(child))


def _status(pid: int) -> dict[str, int]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    pairs = (line.split()[:2] for line in lines if line.startswith(("VmRSS", "Threads")))
    return {name.rstrip(":"): int(value) for name, value in pairs}


class Load:
    """The load process of one server; `begin` hands an order over, `ask` also waits for the answer.

    The policy is the scheduler's: "idle" for clients that are only there to be sent to.
    """

    def __init__(self, server: Server, policy: str = "normal") -> None:
        self.server, self.policy = server, policy

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.load", str(self.server.port), self.policy],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - the benchmark has one thread
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def begin(self, order: str, **with_: Any) -> None:
        """Hands an order over."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"order": order, **with_}).encode() + b"\n")
        self.process.stdin.flush()

    def answer(self) -> Any:
        """What came of it. Raises LoadError."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise LoadError(f"the load of {self.server.peer.label} ended")
        answer = json.loads(line)
        if "error" in answer:
            raise LoadError(f"{self.server.peer.label}: {answer['error']}")
        return answer["ok"]

    def ask(self, order: str, **with_: Any) -> Any:
        """An order and its answer."""
        self.begin(order, **with_)
        return self.answer()
