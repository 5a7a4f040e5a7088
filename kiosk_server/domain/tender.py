"""Ways of paying, and the receipt that comes of it."""

from enum import StrEnum

import msgspec

from kiosk_server.domain.basket import Line


class TenderKind(StrEnum):
    CASH = "cash"


class TaxLine(msgspec.Struct, frozen=True, kw_only=True):
    """Tax contained in the printed lines of one rate. `net_cents + tax_cents == gross_cents`."""

    tax_class: str
    tax_rate_bp: int
    net_cents: int
    tax_cents: int
    gross_cents: int


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What was sold and how it was paid. Numbers have no gaps; `paid_at` is ms since 1970, UTC."""

    number: int
    basket_id: str
    terminal: str
    day: str
    paid_at: int
    lines: tuple[Line, ...]
    taxes: tuple[TaxLine, ...]
    total_cents: int
    tender: TenderKind
    received_cents: int
    change_cents: int
    by: str
