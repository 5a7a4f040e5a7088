"""Virtual scales: laying things on plates that are not there, for demo stores and whoever tries things out."""

from typing import Final

from flask import Blueprint, Response

from kiosk_server.domain.errors import Busy, NotFound
from kiosk_server.domain.scale import LaneScales
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.edge import wire
from kiosk_server.edge.api import as_json, read_body
from kiosk_server.edge.door import FrontDoor
from kiosk_server.edge.identity import MANAGEMENT
from kiosk_server.hardware.scales import ScaleRoom
from kiosk_server.hardware.virtual_scale import Laying

PATIENCE_S: Final = 2.0
WHAT: Final = "virtual scales"


def blueprint(door: FrontDoor, room: ScaleRoom) -> Blueprint:
    rooms = Blueprint("scales", __name__)

    @rooms.post("/api/v1/virtual-scales/<lane>")
    def lay(lane: str) -> Response:
        """Lay something on a virtual plate of a lane, or take it off; what its plates say then."""
        _check_may_lay(door, door.require(), lane)
        laying = wire.convert(read_body(), Laying)
        try:
            scales: LaneScales | None = room.lay(lane, laying).result(PATIENCE_S)
        except TimeoutError as error:
            raise Busy("The scales do not answer. Whether anything lies there now is not known.") from error
        if scales is None:
            raise NotFound(f"The lane {lane} has no virtual {laying.plate.value} scale. Nothing was laid down.")
        return as_json(scales)

    return rooms


def _check_may_lay(door: FrontDoor, identity: Identity, lane: str) -> None:
    """Managers anywhere; in a demo store the lane itself too, for its customer has nothing else to lay things on."""
    is_own = identity.role is Role.LANE and identity.terminal == lane
    if not (is_own and door.settings.policy.is_demo):
        door.require(MANAGEMENT, WHAT)
