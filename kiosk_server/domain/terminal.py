"""Every enrolled box and what its screen may be: kinds, enrolment states, and the table between them."""

from enum import StrEnum

import msgspec

from kiosk_server.domain.machine import Machine


class Kind(StrEnum):
    """What a terminal shows. `pickup` is the customer board of the kitchen, `display` the one over the lanes."""

    LANE = "lane"
    STALL = "stall"
    PUMP = "pump"
    KITCHEN = "kitchen"
    PICKUP = "pickup"
    DISPLAY = "display"
    MANAGER = "manager"


class Enrolment(StrEnum):
    UNPAIRED = "unpaired"
    PAIRING = "pairing"
    ACTIVE = "active"
    LOCKED = "locked"
    RETIRED = "retired"


class EnrolmentEvent(StrEnum):
    SHOW_CODE = "show_code"
    EXPIRE = "expire"
    CONFIRM = "confirm"
    LOCK = "lock"
    UNLOCK = "unlock"
    RETIRE = "retire"
    REPLACE = "replace"  # another box under the same name, paired on purpose


ENROLMENT = Machine(
    "terminal",
    {
        (Enrolment.UNPAIRED, EnrolmentEvent.SHOW_CODE): Enrolment.PAIRING,
        (Enrolment.PAIRING, EnrolmentEvent.EXPIRE): Enrolment.UNPAIRED,
        (Enrolment.PAIRING, EnrolmentEvent.CONFIRM): Enrolment.ACTIVE,
        (Enrolment.ACTIVE, EnrolmentEvent.LOCK): Enrolment.LOCKED,
        (Enrolment.LOCKED, EnrolmentEvent.UNLOCK): Enrolment.ACTIVE,
        (Enrolment.ACTIVE, EnrolmentEvent.RETIRE): Enrolment.RETIRED,
        (Enrolment.LOCKED, EnrolmentEvent.RETIRE): Enrolment.RETIRED,
        (Enrolment.ACTIVE, EnrolmentEvent.REPLACE): Enrolment.ACTIVE,
        (Enrolment.RETIRED, EnrolmentEvent.REPLACE): Enrolment.ACTIVE,
    },
)


FIRST_STATE = {
    Kind.LANE: "attract",
    Kind.STALL: "free",
    Kind.PUMP: "idle",
    Kind.KITCHEN: "on",
    Kind.PICKUP: "on",
    Kind.DISPLAY: "on",
    Kind.MANAGER: "on",
}

RESTING = frozenset({"attract", "free", "arrived", "closed"})


class Terminal(msgspec.Struct, frozen=True, kw_only=True):
    """One enrolled box. `name` is unique for ever: a retired one comes back only where a box is paired in its place.

    `state` is the state of its screen, a value of the machine of its kind (`lane.State`, `stall.State`,
    `pump.State`; `"on"` for kinds without one). `token_hash` is the SHA-256 of its token, in hex.
    `basket_id` is the basket its screen shows: from BasketOpened or BasketResumed until BasketVoided, BasketSuspended
    or a TerminalMoved into one of RESTING. A paid basket stays, so that its receipt survives a reboot of the screen.
    `is_training`: what is sold here counts nowhere, until somebody of the management says otherwise.
    """

    name: str
    kind: Kind
    enrolment: Enrolment = Enrolment.ACTIVE
    state: str = "on"
    state_since: int = 0
    token_hash: str = ""
    added_at: int = 0
    basket_id: str | None = None
    is_training: bool = False
