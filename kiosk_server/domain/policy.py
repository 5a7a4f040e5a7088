"""What one store decides for itself and every rule asks for: handed in once, never read from a file here."""

import msgspec


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


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """The house rules.

    `currency` is ISO 4217; `zone` an IANA time zone; tax rates are hundredths of a percent, contained in prices;
    `day_starts_at_h` is the local hour at which a business day begins.
    """

    store_name: str = "Kiosk Server"
    currency: str = "EUR"
    zone: str = "UTC"
    languages: tuple[str, ...] = ("en", "es", "fr", "de", "ar")
    tax_rates_bp: dict[str, int] = msgspec.field(default_factory=lambda: {"standard": 1900, "reduced": 700, "zero": 0})
    day_starts_at_h: int = 0
    unpaid_per_point: int = 2
    is_demo: bool = False
    receipt: ReceiptRules = ReceiptRules()
    printing: PrintRules = PrintRules()
