"""The public lane display: a screen over the tills that says which lane is free. It only looks, and names nobody."""

from flask import Blueprint
from werkzeug.wrappers import Response

from kiosk_server.edge.door import FrontDoor


def blueprint(door: FrontDoor) -> Blueprint:
    room = Blueprint("display", __name__)

    @room.get("/display")
    def display() -> Response:
        """The page of the public lane display."""
        return door.page("display")

    return room
