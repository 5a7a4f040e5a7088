"""What lanes show beside a basket: produce to pick from, pictures of items, and why a line costs what it does."""

import re
from pathlib import Path
from typing import Annotated, Final

import msgspec
from flask import Blueprint, Response, request, send_file
from msgspec import Meta

from kiosk_server.domain.errors import NotFound
from kiosk_server.edge import wire
from kiosk_server.edge.api import as_json
from kiosk_server.edge.door import FrontDoor
from kiosk_server.edge.identity import CONSOLE
from kiosk_server.store import history, produce

PICTURES: Final = "pictures"
PICTURE_LIFE_S: Final = 24 * 3600
_TYPES: Final = {
    ".avif": "image/avif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}


class ProduceQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Produce of a category, or all of it."""

    category: Annotated[str, Meta(max_length=64)] = ""
    limit: Annotated[int, Meta(ge=1, le=produce.LIMIT)] = 60


def blueprint(door: FrontDoor) -> Blueprint:
    room = Blueprint("goods", __name__)

    @room.get("/api/v1/produce")
    def produce_() -> Response:
        """What is picked from pictures at a scale, what sells most first, and the categories there are."""
        door.require()
        query = wire.convert_texts(request.args.to_dict(), ProduceQuery)
        with door.database.read() as connection:
            items = produce.produce(connection, query.category, query.limit)
            categories = produce.produce_categories(connection)
        return as_json({"items": list(items), "categories": list(categories)})

    @room.get("/api/v1/pictures/<item_id>")
    def picture(item_id: str) -> Response:
        """The picture of an item, where the catalog names one and the store has it."""
        door.require()
        with door.database.read() as connection:
            name = produce.picture_of(connection, item_id)
        path = _picture(door.settings.data_dir / PICTURES, name)
        if path is None:
            raise NotFound("There is no picture of this item.")
        response = send_file(path, mimetype=_TYPES[path.suffix.lower()], conditional=True, max_age=PICTURE_LIFE_S)
        response.cache_control.private = True
        return response

    @room.get("/api/v1/baskets")
    def baskets() -> Response:
        """Parked baskets, oldest first."""
        door.require(CONSOLE, "the parked baskets")
        with door.database.read() as connection:
            found = history.parked_baskets(connection)
        return as_json({"baskets": list(found)})

    @room.get("/api/v1/baskets/<basket_id>/lines/<line_id>/why")
    def why(basket_id: str, line_id: str) -> Response:
        """Why a line costs what it does, rule by rule: any for staff, those of its own basket for a terminal."""
        identity = door.require()
        with door.database.read() as connection:
            # The next customer must not see the last one's: a terminal sees what is on its screen.
            own = identity.terminal and history.is_shown_at(connection, basket_id, identity.terminal)
            is_seen = identity.role in CONSOLE or own
            found = history.why(connection, basket_id, _line_id(line_id)) if is_seen else None
        if found is None:
            raise NotFound("There is no such line in a basket here. It may have been paid and gone.")
        return as_json(found)

    return room


def _line_id(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else 0


def _picture(folder: Path, name: str) -> Path | None:
    """The file of this name in the folder itself. Nothing that leads out of it, be it a path or a link."""
    if not name or Path(name).name != name or Path(name).suffix.lower() not in _TYPES:
        return None
    path = (folder / name).resolve()
    return path if path.parent == folder.resolve() and path.is_file() else None
