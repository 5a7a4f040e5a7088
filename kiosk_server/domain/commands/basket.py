"""Orders about a basket: what is in it, and how it is paid."""

from typing import Annotated

from msgspec import Meta

from kiosk_server.domain.commands.command import (
    Cents,
    Command,
    Grams,
    Id,
    LineId,
    Note,
    Quantity,
)
from kiosk_server.domain.commands.filled_in import MEASURED
from kiosk_server.domain.scale import Condition
from kiosk_server.domain.tender import TenderKind


class ScanItem(Command, frozen=True):
    """A code was read or keyed. Opens a basket if there is none.

    Result of a product: `{basket_id, line, totals}`. Of a coupon: `{basket_id, coupon, saved_cents, totals}`, where
    `saved_cents` is 0 while nothing in the basket goes with it. Of a basket that is carried here: `{basket_id,
    from_terminal, totals}`. Refusals: bad_code, bad_check_digit, code_too_long, unknown_item, not_for_sale,
    out_of_range, wrong_state, coupon_not_taken and hand_off_not_taken (details: `reason`).
    """

    code: str  # its length is checked by barcode.parse, so that the refusal is ours and not a decoder's
    quantity: Quantity = 1


class AddItem(Command, frozen=True):
    """An item was picked from a list: a search hit, a picture, a menu tile. Result as ScanItem."""

    item_id: Id
    quantity: Quantity = 1
    modifiers: Annotated[tuple[Id, ...], Meta(max_length=20)] = ()


class ChangeQuantity(Command, frozen=True):
    """Set the quantity of one line. Result as ScanItem."""

    line_id: LineId
    quantity: Quantity


class VoidLine(Command, frozen=True):
    """Take one line back before paying. A second void of the same line changes nothing. Result as ScanItem."""

    line_id: LineId


class VoidBasket(Command, frozen=True):
    """Take back the whole basket: one's own while it is open, or any unpaid one by staff."""

    basket_id: Id | None = None
    reason: Note = ""


class SuspendBasket(Command, frozen=True):
    """Park the own basket and free the lane. Result: `{basket_id}`."""


class ResumeBasket(Command, frozen=True):
    """Go on with a suspended basket on this terminal."""

    basket_id: Id


class ChooseTender(Command, frozen=True):
    """Pay what is due, or `amount_cents` of it. Result: `{basket_id, intervention_id, due_cents, payment_id}`.

    Cash raises an intervention for the attendant, a card wakes the reader; gift cards are paid with RedeemGift. A
    second tap while one is asked for answers the same and does nothing more. `measured_g` and `condition` are what the
    lane's bagging area says, which the server fills in: nothing is paid while it disagrees with the basket. Refusals:
    wrong_state, out_of_range, attendant_needed, scale_not_ready, bagging_disagrees (details: `deviation`).
    """

    tender: TenderKind
    amount_cents: Annotated[int, Meta(ge=1, le=100_000_000)] | None = None
    measured_g: Annotated[Grams | None, MEASURED] = None
    condition: Annotated[Condition, MEASURED] = Condition.UNPLUGGED


class LeaveTender(Command, frozen=True):
    """Back to scanning or ordering. The cash intervention is withdrawn; what a card or gift card has paid goes back."""


class ConfirmCash(Command, frozen=True):
    """The attendant has the money. Result: `{receipt}`. Refusals: amount_too_small, wrong_state (already paid)."""

    basket_id: Id
    received_cents: Cents


class Finish(Command, frozen=True):
    """The receipt was looked at (lane: back to attract; stall: free again)."""
