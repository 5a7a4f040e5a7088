"""The life of the server process: bind, say ready, serve, listen to signals, drain, leave.

SIGTERM, SIGINT   say goodbye to every terminal, finish what runs, exit 0 within DRAIN_S + STOP_S
a second one      leave at once
SIGHUP            read the networks again
"""

import gc
import logging
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from types import FrameType
from typing import Any

from flask import Flask

from kiosk_server.addresses import is_loopback_url, private_addresses, reachable_urls
from kiosk_server.app import Kiosk, create_app
from kiosk_server.config import Config
from kiosk_server.edge.headers import secure
from kiosk_server.introduction import Introduction
from kiosk_server.note import ServerNote
from kiosk_server.systemd import inherited_sockets, notify
from kiosk_server.transport import Limits, Server, create_server
from kiosk_server.watchdog import Watchdog

DRAIN_S = 7.0
STOP_S = 2.5
# Each of the writer's some twenty calls into SQLite gives the interpreter away and has to get it back; with Python's
# 5 ms a busy wire makes it wait that long each time. Shorter intervals gave 200 lanes a quarter to two fifths more
# durable answers a second in interleaved runs of 1, 0.2 and 0.05 ms; this value lies between them.
SWITCH_INTERVAL_S = 0.0005

# Python's 700 new objects are three scans, and each look through the oldest ones stops every thread. With these and
# what was loaded left out, 200 lanes had a seventh more durable answers a second.
COLLECT_AFTER = (20_000, 20, 50)

log = logging.getLogger("kiosk.serve")


class CannotListen(Exception):  # noqa: N818 - a sentence for people
    """An address cannot be bound. The text says why and what to do."""


def _nothing(*_: object) -> None:
    """Nobody asked to hear of it."""


def run_server(
    config: Config,
    on_ready: Callable[[ServerNote, Kiosk], None] = _nothing,
    on_leaving: Callable[[], None] = _nothing,
) -> None:
    """Serve until a signal ends it.

    `on_ready(note, kiosk)` is called once when terminals can connect, `on_leaving()` when a signal has come and
    everybody is still connected.

    Raises StoreFault when the store cannot be opened and CannotListen when an address cannot be bound.
    """
    _allow_descriptors(config.limits.connections)
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    app = create_app(config)
    kiosk: Kiosk = app.extensions["kiosk"]
    try:
        server = _bind(config, app, kiosk)
        # Before anybody can know of us: from the first line of the log on, every signal finds us prepared.
        with _Signals(server, kiosk, on_leaving):
            kiosk.listening(server.addresses, server)
            note = _note_of(config, server, kiosk)
            with Introduction(config.data_path, note, kiosk.database.announce):
                _tell(config, note)
                with Watchdog(note.url, kiosk.bus):
                    notify("READY=1")
                    on_ready(note, kiosk)
                    _calm_collector()
                    server.run()
    finally:
        kiosk.stop(STOP_S)
    log.info("stopped")


def _calm_collector() -> None:
    """What was loaded at the start stays to the end: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def _allow_descriptors(connections: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + 1024
    if soft != resource.RLIM_INFINITY and soft < wanted:
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with suppress(OSError, ValueError):  # a sandbox may forbid it; then its own limit holds
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, limit), hard))


def limits_of(config: Config) -> Limits:
    """The transport's limits as this store has set them."""
    chosen = config.limits
    return Limits(
        http_threads=chosen.threads,
        websockets=chosen.connections,
        http_connections=max(chosen.connections // 4, 512),
        connections_per_address=chosen.connections_per_address,
        handshakes_per_address_s=chosen.handshakes_per_s,
        ping_interval_s=chosen.ping_interval_s,
        ping_timeout_s=chosen.ping_timeout_s,
        drain_timeout_s=DRAIN_S,
        uncapped_addresses=Limits().uncapped_addresses | frozenset(config.network.trusted_proxies),
    )


def _bind(config: Config, app: Flask, kiosk: Kiosk) -> Server:
    inherited = inherited_sockets()
    where: dict[str, Any] = {"sockets": inherited} if inherited else {"listen": config.addresses}
    try:
        return create_server(
            app,
            limits=limits_of(config),
            accept_gate=kiosk.accept_gate,
            error_headers=secure([], path="/", status=HTTPStatus.BAD_REQUEST, host=None, scheme="http"),
            clear_untrusted_proxy_headers=False,  # waitress would take all of them; the guard knows whom to believe
            **where,
        )
    except OSError as error:
        names = ", ".join(f"{host}:{port}" for host, port in config.addresses)
        raise CannotListen(
            f"{names} cannot be listened on: {error.strerror or error}. The server did not start. "
            "Another program may use the port, or the address is not this machine's; choose another with --listen."
        ) from error


def _note_of(config: Config, server: Server, kiosk: Kiosk) -> ServerNote:
    urls = reachable_urls(server.addresses, private_addresses(), config.public_names)
    local = [url for url in urls if is_loopback_url(url)]
    return ServerNote(pid=os.getpid(), url=(local or urls)[0], token=kiosk.local_token, urls=urls)


def _tell(config: Config, note: ServerNote) -> None:
    shown = {"urls": note.urls, "pid": note.pid, "mode": config.mode}
    log.info("listening on %s", ", ".join(note.urls), extra=shown)
    if config.mode == "private" and not all(map(is_loopback_url, note.urls)):
        log.warning(
            "mode is private, so only this machine is let in although other addresses are listened on; "
            "set mode = lan for terminals elsewhere"
        )


class _Signals:
    """The process's signals, for as long as the server runs; what was set before comes back after.

    But whoever was told to leave stays deaf to being told again: a second word in the last moment, with the default
    handler back, would turn a clean end into a killed one.
    """

    def __init__(self, server: Server, kiosk: Kiosk, on_leaving: Callable[[], None]) -> None:
        self._server = server
        self._on_leaving = on_leaving
        self._kiosk = kiosk
        self._is_leaving = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> None:
        handlers = {signal.SIGTERM: self._leave, signal.SIGINT: self._leave, signal.SIGHUP: self._reload}
        self._before = {number: signal.signal(number, handler) for number, handler in handlers.items()}

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            is_deaf = self._is_leaving and number != signal.SIGHUP and handler is signal.SIG_DFL
            signal.signal(number, signal.SIG_IGN if is_deaf else handler)

    # A handler runs between two instructions of the serving thread, which may hold any lock: so it only starts threads.

    def _leave(self, _number: int, _frame: FrameType | None) -> None:
        act = self._server.close if self._is_leaving else self._drain
        self._is_leaving = True
        threading.Thread(target=act, name="leaving", daemon=True).start()

    def _drain(self) -> None:
        notify("STOPPING=1")
        log.info("leaving: finishing what runs and saying goodbye to the terminals")
        self._on_leaving()
        self._kiosk.say_closing()
        self._server.drain(DRAIN_S)

    def _reload(self, _number: int, _frame: FrameType | None) -> None:
        threading.Thread(target=self._reload_networks, name="reload", daemon=True).start()

    def _reload_networks(self) -> None:
        self._kiosk.network_reload()
        log.info("the networks were read again")
