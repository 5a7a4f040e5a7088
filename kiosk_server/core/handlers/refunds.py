"""Goods come back, and their money with them: to each tender what it paid, and one receipt that names the old one."""

from msgspec.structs import replace

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.answers import RefundAnswer
from kiosk_server.core.handlers.day import open_day
from kiosk_server.core.handlers.ledger import GIFT_ITEM, book, call_of, is_paid, move_gift_card, put_payment
from kiosk_server.core.handlers.own import named_basket
from kiosk_server.core.handlers.people import resolve
from kiosk_server.core.handlers.training import check_is_real
from kiosk_server.domain import payment, refund
from kiosk_server.domain.basket import Basket, Line, State, sum_up
from kiosk_server.domain.catalog import ItemKind
from kiosk_server.domain.commands import RefundReceipt, SettleRefund
from kiosk_server.domain.errors import NotFound, OutOfRange, WrongState
from kiosk_server.domain.events import RefundStarted
from kiosk_server.domain.intervention import InterventionKind, Outcome
from kiosk_server.domain.payment import Payment, TenderKind
from kiosk_server.domain.payment import State as PaymentState
from kiosk_server.domain.refund import Returned, Share
from kiosk_server.domain.tender import Receipt


def refund_receipt(command: RefundReceipt, desk: Desk) -> RefundAnswer:
    """Take goods back. Cash and gift cards are settled at once, a card by its reader after the commit."""
    receipt = desk.repositories.receipt(command.receipt_number)
    if receipt is None:
        raise NotFound(
            f"There is no receipt {command.receipt_number}. Nothing was booked. Check the number.",
            receipt_number=command.receipt_number,
        )
    check_is_real(receipt)
    already = {
        line_id: Returned(pieces, cents)
        for line_id, (pieces, cents) in desk.repositories.refunded_lines(receipt.number).items()
    }
    basket = _refund_basket(desk, receipt, refund.returned_lines(receipt, already, _wanted(command)), command.reason)
    desk.record(RefundStarted(basket=basket, by=desk.identity.name))
    _unload_gift_cards(desk, basket)
    refunded = {paid.payment_id: desk.repositories.refunded_of(paid.payment_id) for paid in receipt.payments}
    beyond_cents = desk.repositories.refunded_beyond(refunded)
    shares = refund.share_out(-basket.totals.total_cents, receipt, refunded, beyond_cents)
    for share in refund.in_coins(shares, payment.cash_step_cents(desk.policy), beyond_cents):
        basket = _give_back(desk, basket, share)
    return _answer(desk, basket)


def _wanted(command: RefundReceipt) -> dict[int, int] | None:
    """Pieces by line; None for everything."""
    wanted: dict[int, int] = {}
    for line in command.lines:
        if line.line_id in wanted:
            raise OutOfRange(f"Line {line.line_id} stands twice. Nothing was booked.", line_id=line.line_id)
        wanted[line.line_id] = line.quantity
    return wanted or None


def _refund_basket(desk: Desk, receipt: Receipt, lines: tuple[Line, ...], reason: str) -> Basket:
    return Basket(
        basket_id=desk.new_id(),
        terminal=receipt.terminal,
        state=State.TENDERING,
        lines=lines,
        totals=sum_up(lines),
        opened_at=desk.now_ms,
        day=open_day(desk),
        refund_of=receipt.number,
        reason=reason,
        by=desk.identity.name,
    )


def _unload_gift_cards(desk: Desk, basket: Basket) -> None:
    """Money that was put on a gift card comes off it again; GiftCardEmpty where it was spent meanwhile."""
    for line in basket.lines:
        if line.kind is ItemKind.GIFT:
            card_id = line.item_id.removeprefix(GIFT_ITEM)
            move_gift_card(desk, card_id, line.total_cents, basket_id=basket.basket_id)


def _give_back(desk: Desk, basket: Basket, share: Share) -> Basket:
    """One part of the money, on the tender that it came from."""
    paid, cents = share
    back = Payment(
        payment_id=desk.new_id(),
        kind=paid.kind,
        amount_cents=-cents,
        state=PaymentState.ASKED if paid.kind is TenderKind.CARD else PaymentState.AUTHORISED,
        asked_at=desk.now_ms,
        reference=paid.reference,
        masked=paid.masked,
        scheme=paid.scheme,
        received_cents=-cents if paid.kind is TenderKind.CASH else 0,
        refunds=paid.payment_id,
    )
    if paid.kind is TenderKind.GIFT:
        # A card that has expired meanwhile is valid again: nobody is given back what they cannot spend.
        move_gift_card(
            desk, paid.reference, cents, basket_id=basket.basket_id, payment_id=back.payment_id, is_load=True
        )
    return put_payment(desk, basket, back)


def _answer(desk: Desk, basket: Basket) -> RefundAnswer:
    receipt = book(desk, basket, basket.payments) if is_paid(desk, basket) else None
    return RefundAnswer(basket.basket_id, receipt, receipt.payments if receipt else basket.payments)


def settle_refund(command: SettleRefund, desk: Desk) -> RefundAnswer:
    """What a card would not take back is given in cash, or asked of the card once more. A second tap finds it done."""
    basket = named_basket(desk, command.basket_id)
    if basket.refund_of is None:
        raise WrongState("This basket gives nothing back. Nothing was booked.", basket_id=basket.basket_id)
    if basket.state is not State.TENDERING:
        receipt = desk.repositories.receipt(basket.receipt_number or 0)
        return RefundAnswer(basket.basket_id, receipt, receipt.payments if receipt else ())
    refused = refund.refused(basket.payments)
    if payment.waiting_of(basket.payments) is not None or not refused:
        raise WrongState("The card reader still works on this refund. Nothing was booked. Wait for its answer.")
    if command.tender is TenderKind.GIFT:
        raise WrongState("A refund cannot be put on a gift card here. Nothing was booked. Choose cash.")
    for back, share in zip(refused, _owed(desk, basket, refused, command.tender), strict=True):
        basket = _give_back(desk, basket, share)
        call = call_of(desk, basket, InterventionKind.REFUND, back.payment_id)
        if call is not None:
            resolve(desk, call, Outcome.DONE, command.note or command.tender.value)
    return _answer(desk, basket)


def _owed(desk: Desk, basket: Basket, refused: tuple[Payment, ...], tender: TenderKind) -> tuple[Share, ...]:
    """What was refused, by this tender; the coins of this refund so far count among the earlier ones.

    The acquirer is told the charge again: by now the refused payment may bear the name of its refusal.
    """
    receipt = desk.repositories.receipt(basket.refund_of or 0)
    charges = {paid.payment_id: paid for paid in receipt.payments} if receipt else {}
    shares = [Share(replace(charges[back.refunds], kind=tender), -back.amount_cents) for back in refused]
    owed_cents = sum(share.cents for share in shares)
    beyond_cents = desk.repositories.refunded_beyond(charges) + basket.totals.due_cents + owed_cents
    return refund.in_coins(shares, payment.cash_step_cents(desk.policy), beyond_cents)
