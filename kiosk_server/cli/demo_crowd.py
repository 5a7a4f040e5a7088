"""The demo's simulated customers: `kiosk-client simulate` as a child process, over the same wire as everybody."""

import logging
import subprocess
import sys
import threading
from pathlib import Path

import msgspec

from kiosk_server.cli.demo_store import DemoTerminal, demo_folder, write_private

AGAIN_AFTER_S = 5.0
LEAVE_S = 2.0

log = logging.getLogger("kiosk.demo")


class Crowd:
    """A context: inside it the customers come. One that dies is replaced; all go when we do, however we go.

    The child ends at the end of its standard input, so that not even kill -9 leaves it behind.
    """

    def __init__(self, folder: Path, terminals: tuple[DemoTerminal, ...]) -> None:
        self._folder = folder
        self._terminals = terminals
        self._is_over = threading.Event()
        self._keeper: threading.Thread | None = None
        self._child: subprocess.Popen[bytes] | None = None

    def come(self, url: str) -> None:
        """Once the server answers at `url`."""
        tokens = self._folder / "demo-simulated.json"
        write_private(tokens, msgspec.json.encode(self._terminals))
        command = [sys.executable, "-m", "kiosk_client", "simulate", "--until-eof", "--url", url]
        command += ["--terminals", str(tokens), "--baskets", str(demo_folder() / "baskets.csv")]
        command += ["--catalog", str(demo_folder() / "catalog.csv")]
        self._keeper = threading.Thread(target=self._keep, args=(command,), name="crowd", daemon=True)
        self._keeper.start()

    def leave(self) -> None:
        self._is_over.set()
        child = self._child
        if child is not None:
            child.terminate()
            try:
                child.wait(LEAVE_S)
            except subprocess.TimeoutExpired:
                child.kill()
        if self._keeper is not None:
            self._keeper.join(LEAVE_S)

    def __enter__(self) -> "Crowd":
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def _keep(self, command: list[str]) -> None:
        with (self._folder / "simulator.log").open("ab") as out:
            while not self._is_over.is_set():
                # A session of its own: Ctrl-C is for us, and we end it in good order.
                self._child = subprocess.Popen(  # noqa: S603
                    command, stdin=subprocess.PIPE, stdout=out, stderr=out, start_new_session=True
                )
                if self._is_over.is_set():
                    self._child.terminate()
                code = self._child.wait()
                if self._child.stdin is not None:
                    self._child.stdin.close()
                if not self._is_over.is_set():
                    log.warning("the simulated customers ended with %d; new ones come in %d s", code, AGAIN_AFTER_S)
                    self._is_over.wait(AGAIN_AFTER_S)
