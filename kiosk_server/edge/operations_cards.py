"""The routes about card readers; rows of `operations.py`."""

from kiosk_server.edge.operation import MANAGERS, STAFF, TEXT, Operation, closed, path, rows_of
from kiosk_server.edge.schemas import Schema, struct_of
from kiosk_server.hardware.virtual_reader import Behaviour

_NEXT: Schema = {"anyOf": [{"enum": [behaviour.value for behaviour in Behaviour]}, {"type": "null"}]}
_READER = struct_of("VirtualReader", {"lane": TEXT, "next": _NEXT}, "`next` is null while the amount decides.")

CARDS: dict[tuple[str, str], Operation] = {
    ("get", "/api/v1/virtual-readers"): Operation(
        summary="The lanes with a virtual card reader, and what was chosen for the next payment there.",
        tag="api",
        who=STAFF,
        answer=struct_of("VirtualReaders", {"readers": rows_of(_READER)}, "A list."),
        refused=(401, 403),
    ),
    ("post", "/api/v1/virtual-readers/<lane>"): Operation(
        summary="Let the next payment at a lane be approved, declined, lost or late.",
        tag="api",
        who=MANAGERS,
        body=closed("NextWish", {"next": _NEXT}, "What becomes of it; null: the amount decides.", ()),
        answer=_READER,
        refused=(400, 401, 403, 404, 413, 415, 422),
        parameters=(path("lane", "The lane's name."),),
    ),
}
