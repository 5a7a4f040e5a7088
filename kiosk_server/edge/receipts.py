"""The printable receipt: for the customer at the terminal it was paid at, and for staff.

Texts follow the language asked for (one of the store's), numbers and dates the locale, money the store's currency.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_precision
from flask import Blueprint, Response, make_response, render_template, request

from kiosk_server.domain.basket import Line
from kiosk_server.domain.policy import Policy
from kiosk_server.domain.tender import Receipt
from kiosk_server.edge.api import find_receipt
from kiosk_server.edge.door import FrontDoor

TEXTS: Final = MappingProxyType(
    {
        "en": ("Receipt", "Total", "Cash", "Change", "Tax", "net", "Thank you", "Print"),
        "es": ("Recibo", "Total", "Efectivo", "Cambio", "Impuesto", "neto", "Gracias", "Imprimir"),
        "fr": ("Ticket", "Total", "Espèces", "Rendu", "Taxe", "net", "Merci", "Imprimer"),
        "de": ("Beleg", "Summe", "Bar", "Rückgeld", "Steuer", "netto", "Vielen Dank", "Drucken"),
        "ar": ("إيصال", "المجموع", "نقدًا", "الباقي", "ضريبة", "الصافي", "شكرًا لكم", "طباعة"),
    }
)
NAMES: Final = ("receipt", "total", "cash", "change", "tax", "net", "thanks", "print")


def blueprint(door: FrontDoor) -> Blueprint:
    room = Blueprint("receipts", __name__)

    @room.get("/receipt/<number>")
    def receipt(number: str) -> Response:
        """A receipt to look at and to print; `lang` picks one of the store's languages."""
        found = find_receipt(door, door.require(), number)
        language = choose_language(request.args.get("lang"), door.settings.policy)
        paper = Paper(found, door.settings.policy, language)
        page = render_template("receipt.html", paper=paper, language=language, direction=paper.direction)
        response = make_response(page)
        response.headers["Cache-Control"] = "no-store"
        return response

    return room


def choose_language(wanted: str | None, policy: Policy) -> str:
    """The language asked for if the store offers it and we have its texts, else the store's first such one."""
    offered = [language for language in policy.languages if language in TEXTS] or ["en"]
    return wanted if wanted in offered else offered[0]


@dataclass(frozen=True, slots=True)
class Paper:
    """A receipt as it is printed: every number already a text of the locale."""

    receipt: Receipt
    policy: Policy
    language: str

    @property
    def direction(self) -> str:
        return Locale.parse(self.language).text_direction

    @property
    def texts(self) -> dict[str, str]:
        return dict(zip(NAMES, TEXTS[self.language], strict=True))

    @property
    def paid_at_iso(self) -> str:
        return self._moment.isoformat()

    @property
    def paid_at(self) -> str:
        return format_datetime(self._moment, "medium", tzinfo=ZoneInfo(self.policy.zone), locale=self.language)

    @property
    def _moment(self) -> datetime:
        return datetime.fromtimestamp(self.receipt.paid_at / 1000, UTC)

    def money(self, cents: int) -> str:
        currency = self.policy.currency
        whole = cents / 10 ** get_currency_precision(currency)
        return format_currency(whole, currency, locale=self.language)

    def amount(self, line: Line) -> str:
        """What stands before the line's total: `2 x 1.19`, or `40.00 l x 1.799`."""
        if line.volume_ml is not None and line.unit_price_mills is not None:
            volume = format_decimal(line.volume_ml / 1000, "#,##0.00", locale=self.language)
            return f"{volume} l × {format_decimal(line.unit_price_mills / 1000, '#,##0.000', locale=self.language)}"
        unit_cents = line.unit_price_cents + sum(modifier.price_cents for modifier in line.modifiers)
        return "" if line.quantity == 1 else f"{line.quantity} × {self.money(unit_cents)}"

    def rate(self, rate_bp: int) -> str:
        return format_percent(rate_bp / 10_000, "#,##0.##%", locale=self.language)
