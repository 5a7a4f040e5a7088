"""The drive-in stall's page. It arrives, orders from the menu, places the order and calls for help."""

from flask import Blueprint
from werkzeug.wrappers import Response

from kiosk_server.edge.door import FrontDoor


def blueprint(door: FrontDoor) -> Blueprint:
    room = Blueprint("stall", __name__)

    @room.get("/stall")
    def stall() -> Response:
        """The page of a drive-in stall."""
        return door.page("stall")

    return room
