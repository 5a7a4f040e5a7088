"""The application of the peers behind the guard's first two doors; 127.0.1.x is shown to it as the internet."""

import itertools
import logging
import sys
from ipaddress import IPv4Address

from benchmarks.peers import flask_app
from kiosk_server.edge.guard import Guard, GuardSettings
from kiosk_server.edge.guard_doors import OuterDoor
from kiosk_server.transport import Limits, SocketIO, serve

STRANGERS = itertools.cycle(range(0x08000000, 0x09000000))


def main() -> None:
    """Serves until it is killed."""
    logging.getLogger("kiosk_server.edge").setLevel(logging.ERROR)
    guard = Guard(GuardSettings.parse())
    app, _ = flask_app.create(SocketIO)
    app.wsgi_app = OuterDoor(app.wsgi_app, guard)  # type: ignore[method-assign]

    def gate(peer: str) -> bool:
        return guard.accept_gate(str(IPv4Address(next(STRANGERS))) if peer.startswith("127.0.1.") else peer)

    serve(app, host="127.0.0.1", port=int(sys.argv[1]), limits=Limits(), accept_gate=gate)


if __name__ == "__main__":
    main()
