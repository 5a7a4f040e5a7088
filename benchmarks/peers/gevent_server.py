"""Flask-SocketIO on gevent's server, with the standard library patched first, as its manual asks."""

from gevent import monkey  # type: ignore[import-untyped]

monkey.patch_all()

import sys  # noqa: E402

from flask_socketio import SocketIO  # noqa: E402

from benchmarks.peers import flask_app  # noqa: E402

if __name__ == "__main__":
    app, socketio = flask_app.create(SocketIO, async_mode="gevent")
    socketio.run(app, "127.0.0.1", int(sys.argv[1]))
