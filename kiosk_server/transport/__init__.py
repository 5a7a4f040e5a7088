"""WebSockets under waitress, for any Flask-SocketIO application, without a thread per client. See README.md."""

from kiosk_server.promise import Promise
from kiosk_server.transport.connection import Connection
from kiosk_server.transport.encoded import Encoded
from kiosk_server.transport.extension import SocketIO
from kiosk_server.transport.handshake import RefusedError
from kiosk_server.transport.hub import Stats
from kiosk_server.transport.limits import Limits
from kiosk_server.transport.plain import accept
from kiosk_server.transport.server import Server, create_server, serve

__all__ = [
    "Connection",
    "Encoded",
    "Limits",
    "Promise",
    "RefusedError",
    "Server",
    "SocketIO",
    "Stats",
    "accept",
    "create_server",
    "serve",
]
