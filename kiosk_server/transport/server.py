"""A server for one application: HTTP by waitress, WebSockets by the reactor, and the end of both."""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

from kiosk_server.transport.handshake import Application, answer_refusals
from kiosk_server.transport.hub import Hub, Stats
from kiosk_server.transport.limits import Limits
from kiosk_server.transport.loop import Gate, Headers, HttpLoop
from kiosk_server.transport.views import open_all_views

logger = logging.getLogger(__name__)

# A thread that pushes to a thousand sockets gives the interpreter away at each of them and, with Python's 5 ms, has it
# back before a thread that serves a page has woken up to take it; after this long that one is handed it by force.
SWITCH_INTERVAL_S = 0.0005

_TURN_S = 1.0
_DRAINING_TURN_S = 0.02


class Server:
    """A bound server. `run` serves until `drain` or `close`, which any thread may call.

    `addresses` are the (host, port) pairs that were bound, with port 0 resolved.
    """

    def __init__(
        self,
        application: Application,
        limits: Limits,
        gate: Gate | None,
        error_headers: Headers,
        options: dict[str, Any],
    ) -> None:
        self._limits = limits
        self._hub = Hub(limits)
        try:
            self._loop = HttpLoop(application, self._hub, gate, error_headers, options)
        except BaseException:
            self._hub.stop(0)
            raise
        self.addresses: list[tuple[str, int]] = self._loop.addresses
        self._runner: int | None = None
        self._state = threading.RLock()  # a signal's handler may ask for the drain while it is held
        self._deadline: float | None = None  # set: draining
        self._is_clean = True
        self._is_closed = threading.Event()

    def run(self) -> None:
        """Serve in this thread; returns after `drain` or `close`, from whichever thread."""
        with self._state:
            if self._is_closed.is_set():
                return
            self._runner = threading.get_ident()
        try:
            while self._deadline is None:
                self._loop.turn(_TURN_S)
        except (KeyboardInterrupt, SystemExit):
            self._ask(self._limits.drain_timeout_s)
        self._finish()

    def stats(self) -> Stats:
        """Return the counters of now: connections, bytes out, ends and refusals by reason."""
        return self._hub.stats()

    def drain(self, timeout_s: float | None = None) -> bool:
        """Accept nobody, send 1001 to every WebSocket, finish what runs, close; True if nobody was cut off.

        Takes at most `timeout_s` (default `Limits.drain_timeout_s`). Called in the thread of `run`, as a signal
        handler is, it only asks, and `run` does the rest before it returns.
        """
        self._ask(self._limits.drain_timeout_s if timeout_s is None else timeout_s)
        with self._state:
            runner = self._runner
        if runner == threading.get_ident():
            return True
        if runner is None:
            self._finish()
        self._is_closed.wait()
        return self._is_clean

    def close(self) -> None:
        """End at once: no farewell, running requests are cut off."""
        self.drain(0)

    def _ask(self, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        if self._deadline is None or deadline < self._deadline:
            self._deadline = deadline
        self._loop.wake()

    def _finish(self) -> None:
        """Do the drain; in the thread of `run`, or in that of `drain` if nobody runs."""
        with self._state:
            if self._is_closed.is_set():
                return
            self._runner = threading.get_ident()
        self._loop.stop_listening()
        self._hub.say_goodbye()
        while self._left() > 0 and not (self._loop.is_idle() and self._hub.is_empty):
            self._loop.turn(_DRAINING_TURN_S)
        self._is_clean = self._loop.is_idle() and self._hub.is_empty
        # What is cut off here has had its time; the threads themselves are given a moment to notice.
        self._loop.close(max(0.2, self._left()))
        self._hub.stop(max(0.2, self._left()))
        self._is_closed.set()

    def _left(self) -> float:
        return (self._deadline or 0.0) - time.monotonic()


def create_server(
    app: Application,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    listen: Sequence[tuple[str, int]] = (),
    limits: Limits | None = None,
    accept_gate: Gate | None = None,
    error_headers: Headers = (),
    **waitress_options: Any,
) -> Server:
    """Bind a server for a WSGI application without running it.

    `host` and `port`, or `listen` with several of them, or `sockets=[...]` with bound sockets (as systemd passes
    them). `accept_gate(address)` is asked after accept, before a byte is read; False closes without an answer.
    `error_headers` go with every answer that is given without the application (400, 413, 431, 500, 501). Other options
    are waitress's adjustments. Raises OSError if an address cannot be bound, ValueError for an unknown option or an
    entry of `Limits.uncapped_addresses` that is no address.
    """
    open_all_views(app)
    options = dict(waitress_options)
    if "sockets" not in options:
        pairs = listen or [(host, port)]
        options["listen"] = " ".join(f"[{h}]:{p}" if ":" in h else f"{h}:{p}" for h, p in pairs)
    return Server(answer_refusals(app), limits or Limits(), accept_gate, error_headers, options)


def serve(
    app: Application,
    host: str = "127.0.0.1",
    port: int = 8080,
    **options: Any,
) -> None:
    """Run a Flask or WSGI application until interrupted or terminated; options as for `create_server`.

    Either way it drains first. The process is taken for the server's own: its threads hand the interpreter over every
    SWITCH_INTERVAL_S.
    """
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    server = create_server(app, host=host, port=port, **options)
    for bound_host, bound_port in server.addresses:
        logger.info("Serving on http://%s:%d", bound_host, bound_port)
    run_until_terminated(server)


def run_until_terminated(server: Server) -> None:
    """Run a server; SIGTERM drains it as an interrupt does, unless the application handles that signal itself."""
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        server.run()
        return
    signal.signal(signal.SIGTERM, lambda *_: server.drain())
    try:
        server.run()
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
