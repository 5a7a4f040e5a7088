"""A real server in a process of its own, and the command line beside it: what the tests of this room speak with."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

PATIENCE_S = 60.0
KIOSK_SERVER = [sys.executable, "-m", "kiosk_server"]


def clean_environment(**extra: str) -> dict[str, str]:
    """Ours without what would configure a store or point at a service manager."""
    strange = ("KIOSK_", "XDG_", "LISTEN_", "NOTIFY_", "WATCHDOG_", "STATE_DIRECTORY", "DISPLAY", "WAYLAND_DISPLAY")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(strange)}
    return kept | {"XDG_CONFIG_HOME": "/nonexistent", "PYTHONUNBUFFERED": "1"} | extra


class Process:
    """A child whose lines are kept and can be waited for."""

    def __init__(self, command: list[str], environment: dict[str, str], **options: Any) -> None:
        self.lines: list[str] = []
        self._fresh: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.child = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **options,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.child.stdout is not None
        for line in self.child.stdout:
            self._fresh.put(line.rstrip("\n"))
        self._fresh.put(None)

    def says(self, test: Callable[[str], bool]) -> str:
        """The next line that passes the test."""
        while True:
            line = self._fresh.get(timeout=PATIENCE_S)
            if line is None:
                raise AssertionError("the process ended without saying it:\n" + "\n".join(self.lines))
            self.lines.append(line)
            if test(line):
                return line

    def ends(self) -> int:
        """Wait for its end; the exit code."""
        code = self.child.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        while (line := self._fresh.get(timeout=PATIENCE_S)) is not None:
            self.lines.append(line)
        assert self.child.stdout is not None
        self.child.stdout.close()
        return code

    def signal(self, number: int) -> None:
        self.child.send_signal(number)

    def clear_away(self) -> None:
        """After a test, whatever it left behind."""
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        if self.child.stdout is not None:
            self.child.stdout.close()


class Store:
    """One store in a folder: its server, started and stopped at will, and its command line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.listen = "127.0.0.1:0"
        self.url = ""
        self.server: Process | None = None
        self._left: list[Process] = []

    @property
    def environment(self) -> dict[str, str]:
        return clean_environment(KIOSK_DATA_DIR=str(self.folder), KIOSK_LISTEN=self.listen)

    def starts(self, **extra: str) -> Process:
        """Start the server; returns when it listens."""
        self.server = Process([*KIOSK_SERVER, "serve"], self.environment | extra)
        self._left.append(self.server)
        said = json.loads(self.server.says(lambda line: '"listening on' in line))
        self.url = said["urls"][0]
        # Later starts take the same port, as terminals expect.
        self.listen = self.url.removeprefix("http://")
        return self.server

    def is_killed(self) -> None:
        assert self.server is not None
        self.server.signal(signal.SIGKILL)
        self.server.ends()

    def is_told_to_stop(self) -> int:
        assert self.server is not None
        self.server.signal(signal.SIGTERM)
        return self.server.ends()

    def runs(self, *arguments: str, code: int = 0, stdin: str = "", **extra: str) -> str:
        """A command of `kiosk-server`; its standard output, or its error where it is expected to fail."""
        done = subprocess.run(
            [*KIOSK_SERVER, *arguments],
            env=self.environment | extra,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert done.returncode == code, f"exit {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return done.stdout if code == 0 else done.stderr

    def answers(self, *arguments: str) -> Any:
        return json.loads(self.runs(*arguments, "--json"))

    def adds(self, name: str, kind: str) -> str:
        """Enrol a terminal; its token."""
        return str(self.answers("terminal", "add", name, "--kind", kind)["token"])

    def journal(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.runs("journal", "export").splitlines()]

    def clear_away(self) -> None:
        for process in self._left:
            process.clear_away()


def ask(url: str, token: str, body: object | None = None) -> dict[str, Any]:
    """GET, or POST with a body; the JSON that comes back, whatever the status."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, data=data, headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=PATIENCE_S) as answer:
            found: dict[str, Any] = json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            found = json.load(error)
    return found


def give(store: Store, token: str, key: str, name: str, **data: object) -> dict[str, Any]:
    """One command over HTTP."""
    return ask(f"{store.url}/api/v1/commands", token, {"key": key, "name": name, "data": data})
