"""Card readers in tests: where no reader runs, the test is the reader."""

from typing import TYPE_CHECKING, Any

import msgspec

from kiosk_server.domain import commands as c
from kiosk_server.domain.commands.payments import PaymentOutcome
from kiosk_server.domain.payment import Display, Payment, State
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.domain.tender import Receipt

if TYPE_CHECKING:
    from shop import Shop

CARD_READER = Identity(name="card reader", role=Role.DRIVER)


class Refunded(msgspec.Struct, frozen=True):
    """What taking goods back is answered with."""

    basket_id: str
    receipt: Receipt | None
    payments: tuple[Payment, ...]

    @property
    def payment_id(self) -> str:
        """The one that waits for its reader."""
        return next(back.payment_id for back in self.payments if back.state is State.ASKED)


class Reader:
    """What card readers report, where no reader runs: the test is the reader."""

    def __init__(self, shop: "Shop") -> None:
        self.shop = shop

    def says(self, payment_id: str, outcome: PaymentOutcome, key: str = "", **told: Any) -> Payment:
        command = c.ReportPayment(payment_id=payment_id, outcome=outcome, **told)
        return msgspec.convert(self.shop.asks(command, CARD_READER, key)["payment"], Payment)

    def begins(self, payment_id: str, display: Display = Display.PRESENT_CARD) -> Payment:
        return self.says(payment_id, PaymentOutcome.BEGUN, display=display)

    def approves(self, payment_id: str, key: str = "") -> Payment:
        told = {"reference": f"ref-{payment_id}", "masked": "•••• 4242", "scheme": "visa"}
        return self.says(payment_id, PaymentOutcome.APPROVED, key, **told)

    def declines(self, payment_id: str, reason: str = "insufficient_funds") -> Payment:
        return self.says(payment_id, PaymentOutcome.DECLINED, reason=reason)

    def loses(self, payment_id: str) -> Payment:
        return self.says(payment_id, PaymentOutcome.UNKNOWN, reason="no_answer")

    def reverses(self, payment_id: str) -> Payment:
        return self.says(payment_id, PaymentOutcome.REVERSED)
