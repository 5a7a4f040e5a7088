"""Orders about what makes a basket cheaper, and about carrying it to another lane."""

from typing import Annotated

from msgspec import Meta

from kiosk_server.domain.commands.command import MAX_CODE_LENGTH, Command, Id
from kiosk_server.domain.promotion import Promotion


class ImportPromotions(Command, frozen=True):
    """Put promotions in force: new ones are added, changed ones get a new revision, equal ones are left.

    With `is_all` every promotion that is not among them ends. One transaction.
    Result: `{added, changed, unchanged, ended, unknown_items}`. Never sent over the wire; the import of a file
    becomes this.
    """

    promotions: tuple[Promotion, ...]
    source: str = ""
    is_all: bool = False


class ReturnCoupon(Command, frozen=True):
    """Give a coupon back to the customer: it stops counting for the own basket.

    Result: `{basket_id, coupon, saved_cents, totals, is_returned}`. Refusals: wrong_state, not_found.
    """

    code: Annotated[str, Meta(min_length=1, max_length=MAX_CODE_LENGTH)]


class HandOffBasket(Command, frozen=True):
    """Carry a basket to another lane: scanned there as a QR code, what this answers moves it there.

    A terminal hands over its own; staff name one, also a parked one. The basket stays where it is until the code is
    scanned, so a code that is never used loses nothing. Result: `{basket_id, code, expires_at}`; `code` is what the
    QR code holds ("hoff..."), `expires_at` is ms since 1970, UTC. Refusals: wrong_state, basket_empty, not_found.
    """

    basket_id: Id | None = None
