"""Flask-SocketIO for gunicorn's gthread worker: one process, a thread for each client."""

from flask_socketio import SocketIO

from benchmarks.peers import flask_app

app, socketio = flask_app.create(SocketIO, async_mode="threading")
