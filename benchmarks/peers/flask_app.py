"""The application that every Python peer runs, ours included: one event, one broadcast, one page.

Only the way it is served differs, and `PORT` and `CLIENTS` are all that a way is told. The node and
the bare peer answer the same requests with the same bytes.
"""

import logging
import time
from typing import Any

from flask import Flask, request

STATE_BYTES = 250
PAD = "x" * (STATE_BYTES - len('{"t":"","pad":""}') - 16)


def state() -> dict[str, str]:
    """250 bytes of JSON that say when they were made, by the clock that all processes share."""
    return {"t": f"{time.monotonic_ns():016d}", "pad": PAD}


def create(socketio_class: Any, **options: Any) -> tuple[Flask, Any]:
    """The application and its Socket.IO server, made with the given class."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = Flask(__name__)
    socketio = socketio_class(app, cors_allowed_origins="*", **options)

    @app.get("/plain")
    def plain() -> str:
        return "ok"

    @app.get("/broadcast")
    def broadcast() -> str:
        socketio.emit("state", state())
        return "ok"

    @app.get("/push")
    def push() -> str:
        seconds, hertz = float(request.args["seconds"]), float(request.args["hertz"])
        socketio.start_background_task(keep_pushing, seconds, hertz)
        return "ok"

    def keep_pushing(seconds: float, hertz: float) -> None:
        began = time.monotonic()
        for i in range(int(seconds * hertz)):
            socketio.sleep(max(0.0, began + i / hertz - time.monotonic()))
            socketio.emit("state", state())

    @socketio.on("scan")  # type: ignore[untyped-decorator]
    def scan(_: object) -> dict[str, object]:
        return {"ok": True, "seq": 1}

    return app, socketio
