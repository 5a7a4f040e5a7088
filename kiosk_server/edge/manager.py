"""The console's page: floor plan, inbox, takings. For staff who signed in, and for enrolled manager terminals."""

from flask import Blueprint
from werkzeug.wrappers import Response

from kiosk_server.edge.door import FrontDoor


def blueprint(door: FrontDoor) -> Blueprint:
    room = Blueprint("manager", __name__)

    @room.get("/manager")
    def manager() -> Response:
        """The page of the manager's console."""
        return door.page("manager")

    return room
