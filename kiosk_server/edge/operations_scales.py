"""The route about virtual scales; a row of `operations.py`."""

from kiosk_server.domain.scale import MAX_WEIGHT_G, Condition, Plate
from kiosk_server.edge.operation import MANAGERS, Operation, closed, path
from kiosk_server.edge.schemas import Schema, ref

_GRAMS: Schema = {"type": "integer", "minimum": 0, "maximum": MAX_WEIGHT_G, "default": 0}
_OR_NULL: Schema = {"type": "null"}

SCALES: dict[tuple[str, str], Operation] = {
    ("post", "/api/v1/virtual-scales/<lane>"): Operation(
        summary="Lay something on a virtual plate of a lane, or take it off; in a demo store the lane itself may too.",
        tag="api",
        who=MANAGERS,
        body=closed(
            "Laying",
            {
                "plate": {"enum": [plate.value for plate in Plate], "default": Plate.BAGGING.value},
                "zero": {"type": "boolean", "default": False},
                "put_g": _GRAMS,
                "take_g": _GRAMS,
                "condition": {"anyOf": [{"enum": [one.value for one in Condition]}, _OR_NULL], "default": None},
                "is_following": {"anyOf": [{"type": "boolean"}, _OR_NULL], "default": None},
            },
            "All at once, in this order: `zero` takes everything off; `condition` breaks the plate until it is told "
            "`stable`; `is_following`: whether the lane's virtual customer bags what was scanned. Empty: only look.",
            ("plate", "zero", "put_g", "take_g", "condition", "is_following"),
        ),
        answer=ref("LaneScales"),
        refused=(400, 401, 403, 404, 413, 415, 503),
        parameters=(path("lane", "The lane's name."),),
    ),
}
