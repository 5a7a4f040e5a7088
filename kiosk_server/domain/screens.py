"""What each screen is told when it connects: the `state` of a snapshot, one struct a screen.

The browser clients' TypeScript types are generated from these and from events/. After the snapshot a screen
keeps itself current by applying events to it; it never computes money.
"""

import msgspec

from kiosk_server.domain.basket import Basket
from kiosk_server.domain.catalog import Item
from kiosk_server.domain.intervention import Intervention
from kiosk_server.domain.kitchen import Ticket
from kiosk_server.domain.light import Light
from kiosk_server.domain.opening import Span
from kiosk_server.domain.payment import TenderKind
from kiosk_server.domain.printing import PrintJob
from kiosk_server.domain.pump import FuellingPoint, Grade
from kiosk_server.domain.scale import LaneScales
from kiosk_server.domain.tender import Receipt


class Store(msgspec.Struct, frozen=True, kw_only=True):
    """What every screen knows of the house. `currency` is ISO 4217; `zone` an IANA time zone: clocks show its time.

    `languages` are offered in this order.
    """

    name: str
    currency: str
    languages: tuple[str, ...]
    zone: str = "UTC"
    is_demo: bool = False


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """One terminal on the floor plan. Times are ms since 1970, UTC.

    `seen_at` is when it was connected last; None when it was not since the server started.
    """

    name: str
    kind: str
    state: str
    state_since: int
    is_online: bool = False
    seen_at: int | None = None
    basket_id: str | None = None
    items: int = 0
    total_cents: int = 0
    point: FuellingPoint | None = None
    is_training: bool = False


class LaneScreen(msgspec.Struct, frozen=True, kw_only=True):
    """`print_job` is the last attempt to put `receipt` on paper; `can_print`: the settings name a printer.

    `tenders` are the ways of paying that this lane offers, the usual first; `card` only where a reader stands. `scales`
    is kept current by the live topic `scale:<lane>`. `hours` are when lanes are open for the next days; None: always.
    `containers` are what customers may weigh produce in: grams by name.
    """

    store: Store
    terminal: Tile
    basket: Basket | None = None
    receipt: Receipt | None = None
    interventions: tuple[Intervention, ...] = ()
    can_print: bool = False
    print_job: PrintJob | None = None
    hours: tuple[Span, ...] | None = None
    tenders: tuple[TenderKind, ...] = ()
    scales: LaneScales = LaneScales()
    containers: dict[str, int] = msgspec.field(default_factory=dict)


class StallScreen(msgspec.Struct, frozen=True, kw_only=True):
    store: Store
    terminal: Tile
    menu: tuple[Item, ...] = ()
    basket: Basket | None = None
    receipt: Receipt | None = None
    ticket: Ticket | None = None
    interventions: tuple[Intervention, ...] = ()


class PumpScreen(msgspec.Struct, frozen=True, kw_only=True):
    store: Store
    terminal: Tile
    point: FuellingPoint
    grades: tuple[Grade, ...] = ()
    receipt: Receipt | None = None


class KitchenScreen(msgspec.Struct, frozen=True, kw_only=True):
    """`tickets` are those not handed over, oldest first; `recallable` the last ten handed over."""

    store: Store
    terminal: Tile
    tickets: tuple[Ticket, ...] = ()
    recallable: tuple[Ticket, ...] = ()


class DisplayScreen(msgspec.Struct, frozen=True, kw_only=True):
    """The light of each lane by its name, in the order to show them; kept current by the live topic `lights`."""

    store: Store
    terminal: Tile
    lights: dict[str, Light] = msgspec.field(default_factory=dict)


class Takings(msgspec.Struct, frozen=True, kw_only=True):
    """Money taken on one business day, less what was refunded. `by_hour_cents` has 24 entries in the store's zone.

    `by_tender_cents` adds up to `total_cents + rounding_cents`: cash is rounded to coins that exist.
    """

    day: str
    total_cents: int = 0
    receipts: int = 0
    by_hour_cents: tuple[int, ...] = (0,) * 24
    by_kind_cents: dict[str, int] = msgspec.field(default_factory=dict)
    by_tender_cents: dict[str, int] = msgspec.field(default_factory=dict)
    rounding_cents: int = 0


class Pairing(msgspec.Struct, frozen=True, kw_only=True):
    """A browser that asks to become a terminal. Times are ms since 1970, UTC.

    `hint` is the first half of the code it shows: who confirms it has to read the other half there.
    """

    pairing_id: str
    hint: str
    address: str
    browser: str
    asked_at: int
    expires_at: int


class ManagerScreen(msgspec.Struct, frozen=True, kw_only=True):
    """`print_jobs` are those that failed or whose end nobody knows, until somebody has looked after them."""

    store: Store
    terminals: tuple[Tile, ...]
    inbox: tuple[Intervention, ...]
    takings: Takings
    tickets: tuple[Ticket, ...] = ()
    is_simulating: bool = False
    can_simulate: bool = False
    who: str = ""
    role: str = ""
    pairings: tuple[Pairing, ...] = ()
    print_jobs: tuple[PrintJob, ...] = ()


SCREENS: dict[str, type[msgspec.Struct]] = {
    "lane": LaneScreen,
    "stall": StallScreen,
    "pump": PumpScreen,
    "kitchen": KitchenScreen,
    "pickup": KitchenScreen,
    "display": DisplayScreen,
    "manager": ManagerScreen,
}
