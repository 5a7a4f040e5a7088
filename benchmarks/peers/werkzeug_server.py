"""Flask-SocketIO on Werkzeug's threaded server, as `flask run` and `socketio.run` start it."""

import sys

from flask_socketio import SocketIO

from benchmarks.peers import flask_app

if __name__ == "__main__":
    app, socketio = flask_app.create(SocketIO, async_mode="threading")
    socketio.run(app, "127.0.0.1", int(sys.argv[1]), allow_unsafe_werkzeug=True)
