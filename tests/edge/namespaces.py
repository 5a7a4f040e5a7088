"""Opening namespace_store.py and speaking to it: the test's side."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

STORE = Path(__file__).with_name("namespace_store.py")

Ask = Callable[..., Any]


def can_make_namespaces() -> bool:
    try:
        return subprocess.run(["unshare", "-Urn", "ip", "link"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


NEEDS_NAMESPACES = [
    pytest.mark.root,
    pytest.mark.skipif(not can_make_namespaces(), reason="network namespaces are not allowed here (unshare -Urn)"),
]


class Stores:
    """Stores in namespaces of their own. `open(**settings)` gives `ask(operation, *arguments)`."""

    def __init__(self, static: Path) -> None:
        (static / "app").mkdir()
        (static / "app" / "lane-ABCD2345.js").write_text("// the lane")
        self._static = static
        self._running: list[subprocess.Popen[str]] = []

    def open(self, **settings: object) -> Ask:
        process = subprocess.Popen(
            ["unshare", "-Urn", sys.executable, str(STORE), json.dumps(settings), str(self._static)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._running.append(process)
        assert process.stdin
        assert process.stdout
        stdin, stdout = process.stdin, process.stdout
        assert stdout.readline() == '"ready"\n'

        def ask(*order: object) -> Any:
            stdin.write(json.dumps(order) + "\n")
            stdin.flush()
            answer = json.loads(stdout.readline())
            assert not (isinstance(answer, dict) and "error" in answer), answer
            return answer

        return ask

    def __enter__(self) -> "Stores":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._running:
            assert process.stdin
            assert process.stdout
            process.stdin.close()
            process.wait(timeout=20)
            process.stdout.close()


def own_address(source: str) -> str:
    if source == "fe80::7":
        return source
    return "fd00::1" if ":" in source else "192.168.1.2"


def head(path: str = "/", method: str = "GET", host: str = "192.168.1.2:8080", **headers: str) -> str:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""])


def get(ask: Ask, source: str, request: str) -> tuple[int, dict[str, str], str]:
    return parse(ask("http", source, own_address(source), request))


def parse(answer: str) -> tuple[int, dict[str, str], str]:
    """Status, headers and body; 0 for a connection that was closed without an answer."""
    if not answer:
        return 0, {}, ""
    top, _, body = answer.partition("\r\n\r\n")
    status, *lines = top.split("\r\n")
    return int(status.split()[1]), dict(line.split(": ", 1) for line in lines), body
