"""What staff ask before they act: a lane's basket, baskets that wait, what a receipt gives back, how the day went."""

import re
from typing import Annotated, Final

import msgspec
from flask import Blueprint, Response, request
from msgspec import Meta

from kiosk_server.core.clock import first_id_at
from kiosk_server.domain.day import began_ms, business_day
from kiosk_server.domain.errors import BadRequest, NotFound
from kiosk_server.domain.staff import Role
from kiosk_server.edge import wire
from kiosk_server.edge.api import as_json
from kiosk_server.edge.door import FrontDoor
from kiosk_server.edge.identity import CONSOLE, STAFF
from kiosk_server.store import inquiries

EVERY_STAFF: Final = STAFF | {Role.LOCAL}
_LINE: Final = "[0-9]{1,6}x[0-9]{1,6}"
_LINES: Final = rf"^({_LINE}(,{_LINE})*)?$(?!\n)"


class RefundQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which lines are to be given back, as `LINExPIECES,...`; empty: all that is left. An address stays below 16 kB."""

    lines: Annotated[str, Meta(max_length=1_000, pattern=_LINES)] = ""


def blueprint(door: FrontDoor) -> Blueprint:
    rooms = Blueprint("inquiries", __name__)

    @rooms.get("/api/v1/baskets/parked")
    def parked() -> Response:
        """Baskets that wait to be resumed, the oldest first."""
        door.require(EVERY_STAFF, "the parked baskets")
        with door.database.read() as connection:
            return as_json({"baskets": list(inquiries.parked(connection))})

    @rooms.get("/api/v1/baskets/<basket_id>")
    def basket(basket_id: str) -> Response:
        """One basket with its lines, wherever it stands."""
        door.require(EVERY_STAFF, "the baskets of others")
        with door.database.read() as connection:
            return as_json(inquiries.basket(connection, basket_id))

    @rooms.get("/api/v1/receipts/<number>/refund")
    def refund(number: str) -> Response:
        """What a receipt still gives back, and to which tenders; changes nothing."""
        door.require(CONSOLE, "refunds")
        if not re.fullmatch(r"[0-9]{1,15}", number):
            raise NotFound("A receipt's number is made of digits. Check it.")
        wanted = _wanted(wire.convert_texts(request.args.to_dict(), RefundQuery).lines)
        with door.database.read() as connection:
            return as_json(inquiries.refund_offer(connection, int(number), wanted, door.settings.policy))

    @rooms.get("/api/v1/gifts")
    def gifts() -> Response:
        """What the store owes to the holders of gift cards."""
        door.require(CONSOLE, "the gift cards")
        with door.database.read() as connection:
            return as_json(inquiries.gift_liability(connection, door.clock.now_ms()))

    @rooms.get("/api/v1/today")
    def today() -> Response:
        """How help went on the business day, and what came back."""
        door.require(EVERY_STAFF, "the day")
        policy = door.settings.policy
        with door.database.read() as connection:
            day = inquiries.current_day(connection) or business_day(
                door.clock.now_ms(), policy.zone, policy.day_starts_at_h
            )
            began = began_ms(day, policy.zone, policy.day_starts_at_h)
            return as_json(inquiries.help_today(connection, day, began, first_id_at(began)))

    return rooms


def _wanted(lines: str) -> dict[int, int] | None:
    """`2x1,5x3` as pieces by line."""
    pairs = [part.split("x") for part in lines.split(",") if part]
    wanted = {int(line_id): int(pieces) for line_id, pieces in pairs}
    if len(wanted) < len(pairs) or 0 in wanted.values():
        raise BadRequest("Each line once, with a piece or more of it. Nothing was looked up.")
    return wanted or None
