"""What is done for each command, and who may give it: one row a command, and a test fails for one without a row.

A handler loads, asks the domain, and records events; it touches no network, no clock and no SQL. Roles are checked
before it runs; whose basket it is, the handler checks itself (`own.py`).
"""

from collections.abc import Callable
from typing import TypeVar, cast

from kiosk_server.core.desk import Desk, Handler
from kiosk_server.core.handlers import (
    access,
    bagging,
    basket,
    coupons,
    gifts,
    kitchen,
    lane,
    manager,
    networks,
    pairing,
    parking,
    paying,
    payments,
    people,
    printing,
    promotions,
    pump,
    refunds,
    staff,
    stall,
    training,
    verdicts,
)
from kiosk_server.domain import commands as c
from kiosk_server.domain.staff import Role

C = TypeVar("C", bound=c.Command)

CUSTOMER = frozenset({Role.LANE, Role.STALL})
NOZZLE = frozenset({Role.PUMP, Role.DRIVER})
MANAGEMENT = frozenset({Role.MANAGER, Role.OWNER, Role.LOCAL})
CASHIERS = frozenset({Role.CASHIER}) | MANAGEMENT
STAFF = frozenset({Role.ATTENDANT}) | CASHIERS
# Everybody who has a secret of their own. (Role.KITCHEN is also a terminal's; the handlers look.)
PEOPLE = STAFF | frozenset({Role.KITCHEN})
DOOR = frozenset({Role.DOOR})


def _row(
    kind: type[C], handler: Callable[[C, Desk], object | None], *roles: frozenset[Role]
) -> tuple[type[c.Command], Handler, frozenset[Role]]:
    return kind, cast(Handler, handler), frozenset().union(*roles)


_ROWS = [
    _row(c.ScanItem, basket.scan_item, CUSTOMER),
    _row(c.AddItem, basket.add_item, CUSTOMER),
    _row(c.ChangeQuantity, basket.change_quantity, CUSTOMER),
    _row(c.VoidLine, basket.void_line, CUSTOMER),
    _row(c.VoidBasket, basket.void_basket, CUSTOMER, STAFF),
    _row(c.VoidBasketLine, verdicts.void_basket_line, STAFF),
    _row(c.SuspendBasket, parking.suspend_basket, CUSTOMER),
    _row(c.ResumeBasket, parking.resume_basket, CUSTOMER),
    _row(c.HandOffBasket, parking.hand_off_basket, CUSTOMER, STAFF),
    _row(c.ReturnCoupon, coupons.return_coupon, CUSTOMER),
    _row(c.Finish, basket.finish, CUSTOMER),
    _row(c.ChooseTender, lane.choose_tender, frozenset({Role.LANE})),
    _row(c.LeaveTender, lane.leave_tender, CUSTOMER),
    _row(c.ConfirmCash, paying.confirm_cash, STAFF),
    _row(c.CancelPayment, payments.cancel_payment, frozenset({Role.LANE}), STAFF),
    _row(c.ReportPayment, payments.report_payment, frozenset({Role.DRIVER})),
    _row(c.RedeemGift, gifts.redeem_gift, frozenset({Role.LANE})),
    _row(c.CheckGift, gifts.check_gift, frozenset({Role.LANE}), STAFF),
    _row(c.SellGift, gifts.sell_gift, CASHIERS),
    _row(c.RefundReceipt, refunds.refund_receipt, CASHIERS),
    _row(c.SettleRefund, refunds.settle_refund, CASHIERS),
    _row(c.PrintReceipt, printing.print_receipt, CUSTOMER, frozenset({Role.PUMP}), STAFF),
    _row(c.ReportPrint, printing.report_print, frozenset({Role.DRIVER})),
    _row(c.SettlePrint, printing.settle_print, STAFF),
    _row(c.CallAttendant, verdicts.call_attendant, CUSTOMER, frozenset({Role.PUMP})),
    _row(c.AskForPrice, verdicts.ask_for_price, frozenset({Role.LANE})),
    _row(c.ClaimIntervention, people.claim_intervention, STAFF),
    # Who may decide what is looked at there: RULES of domain/intervention.py.
    _row(c.ResolveIntervention, verdicts.resolve_intervention, STAFF),
    _row(c.WeighItem, basket.weigh_item, frozenset({Role.LANE})),
    _row(c.DeclareBag, bagging.declare_bag, frozenset({Role.LANE})),
    _row(c.SkipBagging, bagging.skip_bagging, frozenset({Role.LANE})),
    _row(c.ReportBagging, bagging.report_bagging, frozenset({Role.DRIVER})),
    _row(c.ReportPlacements, bagging.report_placements, frozenset({Role.DRIVER})),
    _row(c.Arrive, stall.arrive, frozenset({Role.STALL})),
    _row(c.PlaceOrder, stall.place_order, frozenset({Role.STALL})),
    _row(c.ReleaseOrder, stall.release_order, STAFF),
    _row(c.MoveTicket, kitchen.move_ticket, frozenset({Role.KITCHEN}), STAFF),
    _row(c.LiftNozzle, pump.lift_nozzle, NOZZLE),
    _row(c.HangNozzle, pump.hang_nozzle, NOZZLE),
    _row(c.AuthorisePump, pump.authorise_pump, STAFF),
    _row(c.StopPump, pump.stop_pump, STAFF),
    _row(c.ResumePump, pump.resume_pump, STAFF),
    # Also for a button on the wall that a driver reads.
    _row(c.StopAllPumps, pump.stop_all_pumps, STAFF, frozenset({Role.DRIVER})),
    _row(c.ReportFlow, pump.report_flow, frozenset({Role.DRIVER})),
    _row(c.ReportFuelling, pump.report_fuelling, frozenset({Role.DRIVER})),
    _row(c.AddTerminal, manager.add_terminal, MANAGEMENT),
    _row(c.RetireTerminal, manager.retire_terminal, MANAGEMENT),
    _row(c.OpenTerminal, manager.open_terminal, STAFF),
    _row(c.CloseTerminal, manager.close_terminal, STAFF),
    _row(c.SwitchTraining, training.switch_training, MANAGEMENT),
    # Never over the wire: a staged file becomes this command on the machine itself.
    _row(c.ImportItems, manager.import_items, frozenset({Role.LOCAL})),
    _row(c.ImportPromotions, promotions.import_promotions, frozenset({Role.LOCAL})),
    _row(c.SwitchSimulation, manager.switch_simulation, MANAGEMENT),
    _row(c.ConfirmPairing, pairing.confirm_pairing, MANAGEMENT),
    _row(c.DenyPairing, pairing.deny_pairing, MANAGEMENT),
    # Whom they may decide about is looked at there: managers not about managers.
    _row(c.AddStaff, staff.add_staff, MANAGEMENT),
    _row(c.ChangeSecret, staff.change_secret, PEOPLE),
    _row(c.ChangeRole, staff.change_role, MANAGEMENT),
    _row(c.RetireStaff, staff.retire_staff, MANAGEMENT),
    _row(c.UnlockStaff, staff.unlock_staff, MANAGEMENT),
    _row(c.SignOutEverywhere, staff.sign_out_everywhere, PEOPLE),
    _row(c.AllowNetwork, networks.allow_network, MANAGEMENT),
    _row(c.QuarantineNetwork, networks.quarantine_network, MANAGEMENT),
    _row(c.LiftNetwork, networks.lift_network, MANAGEMENT),
    # Never over the wire: what the front door has seen.
    _row(c.SignIn, access.sign_in, DOOR),
    _row(c.EndSession, access.end_session, DOOR),
    _row(c.ReportWrongSecret, access.report_wrong_secret, DOOR),
    _row(c.ReportRefusals, access.report_refusals, DOOR),
    _row(c.KeepTimes, access.keep_times, DOOR),
]

HANDLERS: dict[type[c.Command], Handler] = {kind: handler for kind, handler, _ in _ROWS}
ROLES: dict[type[c.Command], frozenset[Role]] = {kind: roles for kind, _, roles in _ROWS}
