"""What one store decides for itself and every rule asks for: handed in once, never read from a file here."""

import msgspec

from kiosk_server.domain.lane_rules import LaneRules


class ReceiptRules(msgspec.Struct, frozen=True, kw_only=True):
    """What a receipt says beside the sale; each tuple is lines of text. Its page can be read for `days_readable`."""

    header: tuple[str, ...] = ()
    address: tuple[str, ...] = ()
    tax_id: str = ""
    legal: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()
    days_readable: int = 30


class PrintRules(msgspec.Struct, frozen=True, kw_only=True):
    """Which printers there are, and where each terminal prints.

    `by_terminal` maps a terminal's name, its kind, or `*` for all others to a printer.
    """

    printers: tuple[str, ...] = ()
    by_terminal: dict[str, str] = msgspec.field(default_factory=dict)

    def printer_of(self, terminal: str, kind: str) -> str | None:
        """Where this terminal prints; None where it does not."""
        return next((self.by_terminal[key] for key in (terminal, kind, "*") if key in self.by_terminal), None)


class CardRules(msgspec.Struct, frozen=True, kw_only=True):
    """Which terminals have a card reader, and of which sort.

    `by_terminal` maps a terminal's name, its kind, or `*` for all others to a sort of reader, `none` to none.
    """

    by_terminal: dict[str, str] = msgspec.field(default_factory=dict)

    def reader_of(self, terminal: str, kind: str) -> str | None:
        """The sort of reader that stands there; None where there is none, and no card can be paid with."""
        found = next((self.by_terminal[key] for key in (terminal, kind, "*") if key in self.by_terminal), "none")
        return None if found == "none" else found


class CodeRules(msgspec.Struct, frozen=True, kw_only=True):
    """How the store numbers and weighs what it packs itself.

    `in_store`: presets and rules for numbers with a price or weight inside (`in_store.py`). `containers_g`: what the
    bags and boxes weigh that customers fill, by name. `minimum_weight_g`: the least that the scales may sell by
    (for a class III scale, 20 of its divisions: EN 45501).
    """

    in_store: tuple[str, ...] = ()
    containers_g: dict[str, int] = msgspec.field(default_factory=dict)
    minimum_weight_g: int = 20


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """The house rules.

    `currency` is ISO 4217; `zone` an IANA time zone; tax rates are hundredths of a percent, contained in prices;
    `day_starts_at_h` is the local hour at which a business day begins; `cash_rounding_cents` the smallest coin, 0 for
    the usual one of the currency.
    """

    store_name: str = "Kiosk Server"
    currency: str = "EUR"
    zone: str = "UTC"
    languages: tuple[str, ...] = ("en", "es", "fr", "de", "ar")
    tax_rates_bp: dict[str, int] = msgspec.field(default_factory=lambda: {"standard": 1900, "reduced": 700, "zero": 0})
    day_starts_at_h: int = 0
    unpaid_per_point: int = 2
    cash_rounding_cents: int = 0
    is_demo: bool = False
    receipt: ReceiptRules = ReceiptRules()
    printing: PrintRules = PrintRules()
    cards: CardRules = CardRules()
    lane: LaneRules = LaneRules()
    codes: CodeRules = CodeRules()
