"""What a store decides about its self-checkout lanes: when somebody has to look, and how exactly bags are weighed."""

from enum import StrEnum

import msgspec

from kiosk_server.domain.scale import Plate

NO_SCALE = "none"


class AgeCheck(StrEnum):
    """When the customer waits for the look at their age: at once, or no sooner than they pay."""

    SCAN = "scan"
    PAY = "pay"


class LaneRules(msgspec.Struct, frozen=True, kw_only=True):
    """The lane's part of the policy. Weights in grams, money in cents.

    `void_limit_cents`: what a customer may take back alone, all of a basket together. `random_check_permille`: of a
    thousand baskets, how many are looked at before paying. `skip_bagging_cents`: up to this price, an item may stay
    out of the bagging area unasked.
    `tolerance_g` and `patience_s`: how far, and how long, the bagging area may disagree. `own_bag_g`: the heaviest own
    bag that needs nobody. `walk_off_s`: how long it may be empty beside an unpaid basket. `hours`: see
    opening.py. `scales` maps the name of a lane, or `*` for all others, to its scale: `virtual`, or the serial device
    of a real one.
    """

    age_check: AgeCheck = AgeCheck.PAY
    void_limit_cents: int = 2_500
    random_check_permille: int = 0
    skip_bagging_cents: int = 5_000
    tolerance_g: int = 20
    patience_s: int = 6
    own_bag_g: int = 150
    walk_off_s: int = 45
    hours: dict[str, str] = msgspec.field(default_factory=dict)
    produce_scales: dict[str, str] = msgspec.field(default_factory=dict)
    bagging_scales: dict[str, str] = msgspec.field(default_factory=dict)

    def scale_of(self, terminal: str, plate: Plate) -> str | None:
        """How this plate of a lane is reached; None where it has none."""
        plates = self.produce_scales if plate is Plate.PRODUCE else self.bagging_scales
        address = plates.get(terminal, plates.get("*", NO_SCALE))
        return None if address == NO_SCALE else address
