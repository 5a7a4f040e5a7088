"""Every fact of the store, in the past tense. Each carries all that is needed to draw it and to rebuild the state.

Wire and journal name: the class name in snake case. State tables are projections of these and of nothing else
(`store/projection.py`), which is why `verify` can rebuild them.
"""

from kiosk_server.domain.events.access import (
    AccessRefused,
    LockLifted,
    NetworkLifted,
    NetworkOrdered,
    PairingDenied,
    RoleChanged,
    SecretChanged,
    SecretRefused,
    SignedIn,
    SignedOut,
    StaffAdded,
    StaffRetired,
    TerminalPaired,
    TimesKept,
)
from kiosk_server.domain.events.attendance import (
    BaggingSkipped,
    BaggingTared,
    InterventionClaimed,
    InterventionRaised,
    InterventionResolved,
    InterventionRevised,
    PriceOverridden,
    WeightLearned,
)
from kiosk_server.domain.events.basket import (
    BasketOpened,
    BasketPaid,
    BasketResumed,
    BasketSuspended,
    BasketVoided,
    ItemScanned,
    LineVoided,
    PromotionsApplied,
    QuantityChanged,
    TenderLeft,
    TenderStarted,
)
from kiosk_server.domain.events.event import Event
from kiosk_server.domain.events.house import (
    DayOpened,
    ItemsImported,
    SimulationSwitched,
    TerminalAdded,
    TerminalMoved,
    TerminalRetired,
    TrainingSwitched,
)
from kiosk_server.domain.events.kitchen import OrderPlaced, OrderReleased, TicketFired, TicketMoved
from kiosk_server.domain.events.offers import CouponReturned, CouponTaken, HandOffOffered, PromotionsImported
from kiosk_server.domain.events.payments import GiftCardMoved, PaymentMoved, RefundStarted
from kiosk_server.domain.events.printing import PrintAsked, PrintFailed, PrintSettled, ReceiptPrinted
from kiosk_server.domain.events.pumps import FuellingFinished, NozzleHung, PumpMoved

__all__ = [
    "EVENTS",
    "AccessRefused",
    "BaggingSkipped",
    "BaggingTared",
    "BasketOpened",
    "BasketPaid",
    "BasketResumed",
    "BasketSuspended",
    "BasketVoided",
    "CouponReturned",
    "CouponTaken",
    "DayOpened",
    "Event",
    "FuellingFinished",
    "GiftCardMoved",
    "HandOffOffered",
    "InterventionClaimed",
    "InterventionRaised",
    "InterventionResolved",
    "InterventionRevised",
    "ItemScanned",
    "ItemsImported",
    "LineVoided",
    "LockLifted",
    "NetworkLifted",
    "NetworkOrdered",
    "NozzleHung",
    "OrderPlaced",
    "OrderReleased",
    "PairingDenied",
    "PaymentMoved",
    "PriceOverridden",
    "PrintAsked",
    "PrintFailed",
    "PrintSettled",
    "PromotionsApplied",
    "PromotionsImported",
    "PumpMoved",
    "QuantityChanged",
    "ReceiptPrinted",
    "RefundStarted",
    "RoleChanged",
    "SecretChanged",
    "SecretRefused",
    "SignedIn",
    "SignedOut",
    "SimulationSwitched",
    "StaffAdded",
    "StaffRetired",
    "TenderLeft",
    "TenderStarted",
    "TerminalAdded",
    "TerminalMoved",
    "TerminalPaired",
    "TerminalRetired",
    "TicketFired",
    "TicketMoved",
    "TimesKept",
    "TrainingSwitched",
    "WeightLearned",
]

EVENTS: dict[str, type[Event]] = {str(kind.__struct_config__.tag): kind for kind in Event.__subclasses__()}
