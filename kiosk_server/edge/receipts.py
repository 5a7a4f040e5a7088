"""Receipts to look at: the console's list, the page to print from, and the customer's own page behind a link.

`/receipt/<number>` is for the terminal where it was paid and for staff. `/r/<link>` is for whoever holds the link, a
customer's phone, say: nobody can guess one, it opens that receipt alone, and only for as many days as the settings say.
"""

from datetime import timedelta
from typing import Annotated, Final

import msgspec
from flask import Blueprint, Response, make_response, render_template, request
from msgspec import Meta
from sqlalchemy import Connection

from kiosk_server.domain.day import local_time
from kiosk_server.domain.errors import NotFound
from kiosk_server.domain.receipt_layout import Marks, day_text, lay_out
from kiosk_server.domain.receipt_words import OWN_NAMES, WORDS, choose_language
from kiosk_server.domain.tender import TRAINING_FROM, Receipt
from kiosk_server.edge import languages, wire
from kiosk_server.edge.api import as_json, find_receipt
from kiosk_server.edge.door import FrontDoor
from kiosk_server.edge.identity import CONSOLE
from kiosk_server.edge.network import sender_of
from kiosk_server.store import prints, receipt_links

NOTHING_BEHIND: Final = (
    "This link opens no receipt, or does not open it any more. Check the address, or ask at the store for a copy."
)
DAY_MS: Final = int(timedelta(days=1).total_seconds() * 1000)


class ReceiptsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The receipts below a number, newest first; those of practice have numbers of their own above all others."""

    before: Annotated[int, Meta(ge=1, le=2**53)] = TRAINING_FROM
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


def blueprint(door: FrontDoor) -> Blueprint:
    room = Blueprint("receipts", __name__)

    @room.get("/api/v1/receipts")
    def receipts() -> Response:
        """Receipts, newest first, each with its last print job; without `before` those of sales."""
        door.require(CONSOLE, "the receipts")
        query = wire.convert_texts(request.args.to_dict(), ReceiptsQuery)
        with door.database.read() as connection:
            rows = prints.receipt_rows(connection, query.before, query.limit)
        return as_json({"receipts": list(rows)})

    @room.get("/api/v1/receipts/<number>/link")
    def link(number: str) -> Response:
        """The address of the customer's own page of a receipt, and until when it opens (ms since 1970, UTC)."""
        found = find_receipt(door, door.require(), number)
        with door.database.read() as connection:
            path = f"/r/{receipt_links.link_of(connection, found)}"
        base = door.settings.base_url()
        return as_json({"path": path, "url": base + path if base else None, "until": _ends_at(door, found)})

    @room.get("/receipt/<number>")
    def receipt(number: str) -> Response:
        """A receipt to look at and to print; `lang` picks one of the store's languages."""
        found = find_receipt(door, door.require(), number)
        with door.database.read() as connection:
            return _page(door, connection, found)

    @room.get("/r/<link>")
    def linked(link: str) -> Response:
        """The receipt behind a link, for whoever holds it."""
        sender = sender_of(request.remote_addr)
        door.rates.links.check(sender, "wrong links")
        with door.database.read() as connection:
            found = receipt_links.receipt_behind(connection, link)
            if found is None:
                door.rates.links.take(sender, "wrong links")
            if found is None or door.clock.now_ms() >= _ends_at(door, found):
                raise NotFound(NOTHING_BEHIND)
            return _page(door, connection, found, until_ms=_ends_at(door, found))

    return room


def _page(door: FrontDoor, connection: Connection, receipt: Receipt, until_ms: int | None = None) -> Response:
    policy = door.settings.policy
    language = choose_language(request.args.get("lang") or languages.asked_for(), policy.languages)
    # What is on paper already is printed again from here: the second one must say so.
    marks = Marks(is_duplicate=prints.has_paper(connection, receipt.number))
    words = WORDS[language]
    until = words["until"].format(date=day_text(local_time(until_ms, policy.zone), language)) if until_ms else ""
    slip = lay_out(receipt, policy, language, marks=marks)
    page = render_template(
        "receipt.html",
        slip=slip,
        words=words,
        language=language,
        direction="rtl" if slip.is_rtl else "ltr",
        until=until,
        others=[(one, OWN_NAMES[one]) for one in policy.languages if one in OWN_NAMES and one != language],
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Vary"] = "Accept-Language"
    return response


def _ends_at(door: FrontDoor, receipt: Receipt) -> int:
    return receipt.paid_at + door.settings.policy.receipt.days_readable * DAY_MS
