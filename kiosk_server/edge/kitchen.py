"""The kitchen's pages: the cooks' screen, which moves tickets, and the customers' pick-up board, which only looks."""

from flask import Blueprint
from werkzeug.wrappers import Response

from kiosk_server.edge.door import FrontDoor


def blueprint(door: FrontDoor) -> Blueprint:
    room = Blueprint("kitchen", __name__)

    @room.get("/kitchen")
    def kitchen() -> Response:
        """The page of a kitchen screen."""
        return door.page("kitchen")

    @room.get("/pickup")
    def pickup() -> Response:
        """The page of the customers' pick-up board."""
        return door.page("pickup")

    return room
