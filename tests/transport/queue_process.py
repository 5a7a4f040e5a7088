"""One of several servers that share a message queue: `python queue_process.py URL`, prints its port."""

from __future__ import annotations

import sys
from typing import Any

from flask import Flask
from flask_socketio import disconnect, emit, join_room

from kiosk_server.transport import SocketIO, create_server


def main(url: str) -> None:
    """Serve until killed."""
    app = Flask("queue")
    sio = SocketIO(app, message_queue=url)

    @sio.on("join")
    def join(room: str) -> str:
        join_room(room)
        return room

    @sio.on("say")
    def say(text: Any, room: str | None = None) -> None:
        if room is None:
            emit("said", text, broadcast=True)
        else:
            emit("said", text, to=room)

    @sio.on("ask")
    def ask(sid: str) -> None:
        sio.emit("question", to=sid, callback=lambda *answer: sio.emit("answered", answer))

    @sio.on("put_out")
    def put_out(sid: str) -> None:
        disconnect(sid)

    server = create_server(app)
    sys.stdout.write(f"{server.addresses[0][1]}\n")
    sys.stdout.flush()
    server.run()


if __name__ == "__main__":
    main(sys.argv[1])
