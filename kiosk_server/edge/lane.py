"""The self-checkout lane's page. It scans, changes and voids lines, suspends, pays and calls for help."""

from flask import Blueprint
from werkzeug.wrappers import Response

from kiosk_server.edge.door import FrontDoor


def blueprint(door: FrontDoor) -> Blueprint:
    room = Blueprint("lane", __name__)

    @room.get("/lane")
    def lane() -> Response:
        """The page of a self-checkout lane."""
        return door.page("lane")

    return room
