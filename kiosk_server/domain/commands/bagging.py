"""Orders about scales: what is weighed for its price, and what lies in the bagging area."""

from typing import Annotated

import msgspec
from msgspec import Meta

from kiosk_server.domain.commands.command import Command, Grams, Id, LineId
from kiosk_server.domain.commands.filled_in import MEASURED
from kiosk_server.domain.scale import MAX_WEIGHT_G, Condition

PriceGrams = Annotated[int, Meta(ge=1, le=MAX_WEIGHT_G)]


class WeighItem(Command, frozen=True):
    """Put what lies on the lane's scale into the basket as this item. Result as ScanItem.

    `container` is what it was put into, by its name in the settings. `weight_g` and `condition` are what the scale
    says, which the server fills in: a browser's word about a weight counts nothing. Refusals: scale_not_ready
    (details: `condition`), unknown_item, not_for_sale, wrong_state.
    """

    item_id: Id
    container: Annotated[str, Meta(max_length=40)] | None = None
    weight_g: Annotated[PriceGrams | None, MEASURED] = None
    condition: Annotated[Condition, MEASURED] = Condition.UNPLUGGED


class DeclareBag(Command, frozen=True):
    """The customer's own bag lies in the bagging area: a light one is tared, a heavy one is looked at.

    `measured_g` and `condition` are filled in by the server, as in WeighItem. Refusal: scale_not_ready.
    """

    measured_g: Annotated[Grams | None, MEASURED] = None
    condition: Annotated[Condition, MEASURED] = Condition.UNPLUGGED


class SkipBagging(Command, frozen=True):
    """This line stays out of the bagging area: too large, or not worth a bag. Dear ones are looked at."""

    line_id: LineId


class ReportBagging(Command, frozen=True):
    """Driver: the bagging area has disagreed with the basket for longer than its patience, or agrees again.

    The store weighs the basket anew before it believes either. `basket_id` is None where only the `condition` of the
    scale itself is to be told; `is_left`: the area has been empty for so long that the customer has probably left.
    """

    terminal: str
    basket_id: Id | None
    measured_g: Grams
    condition: Condition = Condition.STABLE
    is_left: bool = False


class Placement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One piece, and by how much the bagging area grew heavier when it was laid down."""

    item_id: Id
    weight_g: PriceGrams


class ReportPlacements(Command, frozen=True):
    """Driver: what single pieces of a paid basket weighed when they were laid down, so that the store can learn."""

    terminal: str
    basket_id: Id
    placements: Annotated[tuple[Placement, ...], Meta(max_length=100)]
