"""Is it alive, can it sell, what does it count: `/healthz`, `/readyz`, `/metrics`.

`/healthz` answers as long as the process serves. `/readyz` asks for a real write and a real read each time, so that a
watchdog who believes it believes the truth. `/metrics` is for this machine unless the settings open it.
"""

import logging
from collections.abc import Callable

from flask import Blueprint, Response, request
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import text

from kiosk_server.domain.errors import Forbidden
from kiosk_server.edge import failures
from kiosk_server.edge.api import as_json
from kiosk_server.edge.door import FrontDoor
from kiosk_server.edge.network import sender_of

log = logging.getLogger("kiosk.edge")

PROBE_TIMEOUT_S = 2.0


def blueprint(door: FrontDoor) -> Blueprint:
    room = Blueprint("health", __name__)

    @room.get("/healthz")
    def alive() -> Response:
        """The process answers."""
        return as_json({"ok": True, "status": "alive", "build": door.shell.build})

    @room.get("/readyz")
    def ready() -> Response:
        """The store can be written and read: a sale would succeed now."""
        if not door.guard.is_own_machine(request.remote_addr):
            # Each asks for a commit, and strangers must not wear out the disk; the watchdog sits on this machine.
            door.rates.probes.take(sender_of(request.remote_addr), "questions for readiness")
        checks = {"write": _verdict(lambda: _write(door)), "read": _verdict(lambda: _read(door))}
        if all(verdict == "ok" for verdict in checks.values()):
            return as_json({"ok": True, "status": "ready", "seq": door.bus.head_seq, "checks": checks})
        failure = failures.Failure(
            code="unavailable",
            message="The store cannot sell now. Terminals show what they last knew and carry on when it is back.",
            details={"checks": checks},
        )
        response = as_json(failure.as_wire(), failure.status)
        response.headers.update(failure.headers())
        return response

    @room.get("/metrics")
    def metrics() -> Response:
        """Prometheus' text format."""
        if not door.settings.is_metrics_public and not door.guard.is_own_machine(request.remote_addr):
            raise Forbidden("Metrics are for this machine only, unless the settings open them.")
        return Response(door.metrics.text(), content_type=CONTENT_TYPE_LATEST)

    return room


def _verdict(check: Callable[[], str]) -> str:
    try:
        return check()
    except Exception as error:
        log.warning("a readiness check failed", exc_info=error)
        return type(error).__name__


def _write(door: FrontDoor) -> str:
    reply = door.bus.probe().result(timeout=PROBE_TIMEOUT_S)
    return "ok" if reply.ok else reply.code


def _read(door: FrontDoor) -> str:
    with door.database.read() as connection:
        connection.execute(text("SELECT max(seq) FROM journal"))
    return "ok"
