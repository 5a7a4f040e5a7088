"""The same application on `kiosk_server.transport`: the only file here that knows it.

The caps on one address are lifted, because all clients of the load share 127.0.0.1; every other
limit is the one that a store runs with.
"""

import sys

from benchmarks.peers import flask_app
from kiosk_server.transport import Limits, SocketIO, serve

if __name__ == "__main__":
    app, socketio = flask_app.create(SocketIO)
    serve(app, host="127.0.0.1", port=int(sys.argv[1]), limits=Limits())
