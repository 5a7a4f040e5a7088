"""The fuelling point's page. It lifts and hangs the nozzle, and shows litres and money while they flow."""

from flask import Blueprint
from werkzeug.wrappers import Response

from kiosk_server.edge.door import FrontDoor


def blueprint(door: FrontDoor) -> Blueprint:
    room = Blueprint("pump", __name__)

    @room.get("/pump")
    def pump() -> Response:
        """The page of a fuelling point."""
        return door.page("pump")

    return room
