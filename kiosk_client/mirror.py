"""What a simulated person sees on their screen: as much of a snapshot and its events as they act upon."""

from collections.abc import Callable
from typing import Any

Data = dict[str, Any]


class Mirror:
    """One screen's state. `kind` is the screen's name; `name` the terminal's.

    `state` is that of the terminal's screen, `point` a pump's, `tickets` and `inbox` are by id, oldest first. `tenders`
    are those that a lane offers, `payment` is the state of the one asked for last, '' before the first. `can_lay`: the
    lane's plates are virtual, and it may lay things on them.
    """

    def __init__(self) -> None:
        self.kind = ""
        self.name = ""
        self.state = ""
        self.point: Data = {}
        self.menu: list[Data] = []
        self.grades: list[Data] = []
        self.tickets: dict[str, Data] = {}
        self.inbox: dict[str, Data] = {}
        self.can_simulate = False
        self.is_simulating = False
        self.receipts = 0
        self.tenders: list[str] = []
        self.payment = ""
        self.can_lay = False

    def restart(self, snapshot: Data) -> None:
        state = snapshot["state"]
        self.kind = snapshot["screen"]
        terminal = state.get("terminal") or {}
        self.name = terminal.get("name", "")
        self.state = terminal.get("state", "")
        self.point = state.get("point") or {}
        self.menu = [item for item in state.get("menu", []) if item.get("price_cents") is not None]
        self.grades = state.get("grades", [])
        self.tickets = {ticket["ticket_id"]: ticket for ticket in state.get("tickets", [])}
        self.inbox = {one["intervention_id"]: one for one in state.get("inbox", [])}
        self.tenders = state.get("tenders", [])
        payments = (state.get("basket") or {}).get("payments") or [{"state": ""}]
        self.payment = payments[-1]["state"]
        self.can_lay = bool((state.get("scales") or {}).get("can_lay"))
        self.can_simulate = bool(state.get("can_simulate"))
        self.is_simulating = bool(state.get("is_simulating"))

    def apply(self, event: Data) -> None:
        fold = FOLDS.get(event["type"])
        if fold is not None:
            fold(self, event["data"])


def _moved(mirror: Mirror, data: Data) -> None:
    if data["terminal"] == mirror.name:
        mirror.state = data["state"]


def _pump_moved(mirror: Mirror, data: Data) -> None:
    if data["terminal"] == mirror.name:
        mirror.point = data["point"]


def _payment_moved(mirror: Mirror, data: Data) -> None:
    if data["terminal"] == mirror.name:
        mirror.payment = data["payment"]["state"]


def _paid(mirror: Mirror, _: Data) -> None:
    mirror.receipts += 1


def _raised(mirror: Mirror, data: Data) -> None:
    one = data["intervention"]
    mirror.inbox[one["intervention_id"]] = one


def _revised(mirror: Mirror, data: Data) -> None:
    one = mirror.inbox.get(data["intervention_id"])
    if one is not None:
        mirror.inbox[data["intervention_id"]] = one | {"evidence": data["evidence"]}


def _resolved(mirror: Mirror, data: Data) -> None:
    mirror.inbox.pop(data["intervention_id"], None)


def _fired(mirror: Mirror, data: Data) -> None:
    mirror.tickets[data["ticket"]["ticket_id"]] = data["ticket"]


def _ticket_moved(mirror: Mirror, data: Data) -> None:
    ticket = mirror.tickets.get(data["ticket_id"])
    if data["state"] in {"handed_over", "voided"}:
        mirror.tickets.pop(data["ticket_id"], None)
    elif ticket is not None:
        mirror.tickets[data["ticket_id"]] = ticket | {"state": data["state"]}


def _switched(mirror: Mirror, data: Data) -> None:
    mirror.is_simulating = data["is_on"]


FOLDS: dict[str, Callable[[Mirror, Data], None]] = {
    "terminal_moved": _moved,
    "pump_moved": _pump_moved,
    "payment_moved": _payment_moved,
    "basket_paid": _paid,
    "intervention_raised": _raised,
    "intervention_revised": _revised,
    "intervention_resolved": _resolved,
    "ticket_fired": _fired,
    "ticket_moved": _ticket_moved,
    "simulation_switched": _switched,
}
