"""The settings themselves: one field a setting with its type, default and help, one struct a table of the file.

`config.py` reads them; `kiosk-server config sample` writes config/kiosk.toml from them.
"""

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from kiosk_server.domain.lane_rules import AgeCheck
from kiosk_server.domain.policy import Policy


def doc(text: str) -> Meta:
    return Meta(description=text)


class NetworkConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may connect at all."""

    allow: Annotated[
        tuple[str, ...],
        doc('Networks let in: "rfc1918", "own-subnets" (those of this machine\'s own interfaces), or CIDRs.'),
    ] = ("rfc1918",)
    deny: Annotated[tuple[str, ...], doc("Networks or addresses never let in; wins over allow.")] = ()
    zones: Annotated[
        dict[str, tuple[str, ...]],
        doc('Screens only reachable from certain subnets: { manager = ["192.168.10.0/26"] }.'),
    ] = msgspec.field(default_factory=dict)
    trusted_proxies: Annotated[tuple[str, ...], doc("Proxies whose forwarded headers count.")] = ()
    ipv6_ula: Annotated[bool, doc("Let in unique local IPv6 addresses (fc00::/7).")] = False
    ipv6_link_local: Annotated[bool, doc("Let in link-local IPv6 addresses (fe80::/10).")] = False


class StoreConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the house is called and how it counts."""

    name: Annotated[str, Meta(min_length=1, max_length=64, description="On every screen and receipt.")] = "Kiosk Server"
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217 code.")] = "EUR"
    zone: Annotated[str, doc("IANA time zone; business days and reports follow it.")] = "UTC"
    languages: Annotated[tuple[str, ...], doc("Offered to customers, in this order.")] = ("en", "es", "fr", "de", "ar")
    tax_rates_bp: Annotated[
        dict[str, Annotated[int, Meta(ge=0, le=10_000)]],
        doc("Tax class to rate in hundredths of a percent, contained in the prices."),
    ] = msgspec.field(default_factory=lambda: dict(Policy().tax_rates_bp))
    day_starts_at_h: Annotated[int, Meta(ge=0, le=23, description="Local hour at which a business day begins.")] = 0
    unpaid_per_point: Annotated[int, Meta(ge=1, le=9, description="Unpaid fuellings a pump may hold (postpay).")] = 2


class LimitsConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much is served at once."""

    threads: Annotated[int, Meta(ge=2, le=256, description="Threads answering HTTP requests.")] = 16
    connections: Annotated[int, Meta(ge=64, le=65_536, description="Open connections, WebSockets included.")] = 4096
    connections_per_address: Annotated[int, Meta(ge=1, description="Open connections from one address.")] = 16
    handshakes_per_s: Annotated[int, Meta(ge=1, description="WebSocket handshakes a second from one address.")] = 5
    ping_interval_s: Annotated[int, Meta(ge=1, le=60, description="Seconds between pings; whole seconds.")] = 2
    ping_timeout_s: Annotated[int, Meta(ge=1, le=60, description="Silence after a ping that counts as gone.")] = 3
    commands_per_s: Annotated[int, Meta(ge=1, description="Commands a second from one terminal.")] = 50
    queue: Annotated[int, Meta(ge=64, description="Commands that may wait before the answer is busy.")] = 4096


class BackupConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Copies of the store."""

    dir: Annotated[Path | None, doc("Where backups are written; backups/ in the data directory if unset.")] = None


PrinterName = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f/]{1,64}$(?!\n)")]
PaperLine = Annotated[str, Meta(max_length=200)]


class PrinterConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Receipts on paper."""

    addresses: Annotated[
        dict[PrinterName, str],
        doc(
            'Printers by name: { front = "tcp://192.168.1.50:9100", office = "/dev/usb/lp0", trial = "virtual" }. '
            "Each may end in ?columns=32 (a row's characters) and ?letters=utf-8 or gb18030 (for Chinese and the like)."
        ),
    ] = msgspec.field(default_factory=dict)
    terminals: Annotated[
        dict[str, str],
        doc(
            "Where terminals print. A terminal's name, its kind, or * for all others, and a printer: "
            '{ L1 = "front", stall = "office", "*" = "front" }.'
        ),
    ] = msgspec.field(default_factory=dict)


class ReceiptConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a receipt says beside the sale, on paper and on its page."""

    header: Annotated[tuple[PaperLine, ...], doc("Lines above the store's name.")] = ()
    address: Annotated[tuple[PaperLine, ...], doc("Lines below it: the address, as the law wants it.")] = ()
    tax_id: Annotated[PaperLine, doc("The store's tax number.")] = ""
    legal: Annotated[tuple[PaperLine, ...], doc("Further lines that the law demands.")] = ()
    footer: Annotated[tuple[PaperLine, ...], doc("Lines at the end: opening hours, returns.")] = ()
    days_readable: Annotated[
        int, Meta(ge=1, le=3650, description="Days for which the link that a customer holds opens the receipt.")
    ] = 30
    base_url: Annotated[
        str,
        Meta(
            pattern=r"^(https?://[^/?#\s]+)?$(?!\n)",
            description="Where customers' phones reach this server, as https://shop.lan; it goes into the QR code. "
            "Unset: the first address that terminals use.",
        ),
    ] = ""


class CardConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Card readers."""

    readers: Annotated[
        dict[str, Literal["virtual", "none"]],
        doc(
            "Which terminals have a card reader. A terminal's name, its kind, or * for all others, and the sort of "
            'reader: { lane = "virtual", L6 = "none" }. A virtual one takes no money: it is for demo stores alone.'
        ),
    ] = msgspec.field(default_factory=dict)
    virtual_pace_ms: Annotated[
        int,
        Meta(
            ge=1,
            le=60_000,
            description="How long the customer and the bank of a virtual reader take for each thing, in milliseconds.",
        ),
    ] = 1500


class LaneConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When somebody has to look at a self-checkout lane."""

    age_check: Annotated[
        AgeCheck, doc("When a customer's age is looked at: pay, once they want to pay, or scan, before they go on.")
    ] = AgeCheck.PAY
    void_limit_cents: Annotated[
        int, Meta(ge=0, description="What customers may take back alone, all of a basket together.")
    ] = 2_500
    random_check_permille: Annotated[
        int, Meta(ge=0, le=1000, description="Of a thousand baskets, how many are looked at before they are paid.")
    ] = 0
    skip_bagging_cents: Annotated[
        int, Meta(ge=0, description="Up to this price, a line may stay out of the bagging area unasked.")
    ] = 5_000
    tolerance_g: Annotated[
        int, Meta(ge=1, le=5_000, description="Grams by which the bagging area may differ from the basket.")
    ] = 20
    patience_s: Annotated[
        int, Meta(ge=1, le=600, description="Seconds for which it may differ before somebody is asked to look.")
    ] = 6
    own_bag_g: Annotated[
        int, Meta(ge=0, le=20_000, description="What customers' own bags may weigh together without a look.")
    ] = 150
    walk_off_s: Annotated[
        int,
        Meta(ge=5, le=3_600, description="Seconds for which it may be empty beside a basket before somebody looks."),
    ] = 45
    hours: Annotated[
        dict[str, str],
        doc(
            "When lanes are open, by weekday; * is for all others, and without any row they always are: "
            '{ "*" = "08:00-20:00", sat = "08:00-13:00, 15:00-18:00", fri = "08:00-02:00", sun = "closed" }.'
        ),
    ] = msgspec.field(default_factory=dict)


class CodesConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the store numbers and weighs what it packs itself."""

    in_store: Annotated[
        tuple[str, ...],
        doc(
            "How numbers that begin with 02 or 20 to 29 are read: presets (us, us-5, eu, de, dk, ee, fi, gb, lt, lv, "
            "no, se) and rules such as 21IIIIIPPP.PP or 27IIIIIWW.WWW: I item, P price, W kilograms, N pieces, V check "
            "digit, x nothing. Unset: they are numbers like others. Compare with what your scales print."
        ),
    ] = ()
    containers_g: Annotated[
        dict[Annotated[str, Meta(min_length=1, max_length=64)], Annotated[int, Meta(ge=0, le=10_000)]],
        doc("Bags and boxes that customers fill, by name, and what they weigh in grams: { jar = 310, box = 25 }."),
    ] = msgspec.field(default_factory=dict)
    minimum_weight_g: Annotated[
        int, Meta(ge=1, le=10_000, description="The least that scales may sell by: 20 divisions of yours (EN 45501).")
    ] = 20


class ScaleConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The plates of the lanes, each with a zero of its own."""

    produce: Annotated[
        dict[str, str],
        doc(
            "The scales that lanes sell by weight with. A lane's name, or * for all others, and its scale: "
            '{ L1 = "/dev/ttyS0", L2 = "none", "*" = "virtual" }. Serial ones speak Toledo 8217; ?unit=lb may follow.'
        ),
    ] = msgspec.field(default_factory=dict)
    bagging: Annotated[
        dict[str, str], doc("The plates of their bagging areas, likewise; never the same plate as above.")
    ] = msgspec.field(default_factory=dict)
