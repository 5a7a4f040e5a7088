"""What one store decides for itself and every rule asks for: handed in once, never read from a file here."""

import msgspec


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
