"""Who comes into a simulated store: shoppers, drive-in guests, drivers, a cook, an attendant. One script a screen.

Each begins by looking where things stand, so that a script that is started again goes on with what it finds.
"""

from collections import Counter
from collections.abc import Callable, Generator, Iterator
from typing import Any

from kiosk_client.mirror import Data, Mirror
from kiosk_client.script import Crew, Give, Lay, Pause, Script, Step, Until

STRANGE_CODE = "9780201379624"  # a valid EAN-13 of a book, which no grocery holds
PATIENCE_S = 1800.0
CARD_SHARE = 0.6
STRANGE_BAGS = 0.01  # of all scans: with five busy lanes, something for the console every few minutes
MOST_LOOKS = 5
MOST_TRIES = 3
WEIGHED_FIRST = frozenset({"bagging_disagrees", "scale_not_ready"})
WEIGH_AGAIN_S = 0.5
LOOKED_AT = frozenset({"held", "intervention"})
DECIDED = frozenset(
    {
        "age",
        "quantity_cap",
        "weight_mismatch",
        "own_bag",
        "void_above_limit",
        "price_override",
        "random_check",
        "walk_off",
    }
)
HAS_FAILED = frozenset({"declined", "cancelled", "timed_out", "reversed"})


def shopper(crew: Crew, screen: Mirror) -> Script:
    """A lane: scan, sometimes change one's mind, pay by card or cash, look at the receipt."""
    empty_s = crew.between(0, 4)  # the first customers are at the door when the store opens
    while True:
        if screen.state == "closed":
            yield Until(lambda now: now.state != "closed", PATIENCE_S)
        elif screen.state == "receipt":
            yield Pause(crew.between(2, 6))
            yield from _leave_state(screen, Give("finish"))
        elif screen.state == "tendering":
            yield Until(lambda now: now.state != "tendering" or now.payment in HAS_FAILED, PATIENCE_S)
            if screen.state == "tendering":
                yield Pause(crew.between(1, 3))
                yield Give("choose_tender", {"tender": "cash"})
                yield Until(lambda now: now.state != "tendering", PATIENCE_S)
        elif crew.shelves is None or crew.shelves.is_empty:
            return
        else:
            yield Pause(empty_s)
            empty_s = crew.between(3, 25)
            yield from _fill_basket(crew, screen, crew.shelves.basket())
            yield Pause(crew.between(1, 5))
            has_card = "card" in screen.tenders and crew.chance.random() < CARD_SHARE
            yield from _pay(screen, Give("choose_tender", {"tender": "card" if has_card else "cash"}))


def _leave_state(screen: Mirror, step: Give) -> Generator[Step, Any, Data]:
    """Give a command that moves the screen on, and wait to see it: the event may come later than the answer."""
    before = screen.state
    reply: Data = yield step
    if reply.get("ok"):
        yield Until(lambda now: now.state != before, 5)
    return reply


def _pay(screen: Mirror, step: Give) -> Script:
    """Somebody may have to look at the basket first: the customer waits for them, and tries again.

    While the bagging area is not as it should be, they put it right, or somebody is called by the scale's own patience.
    """
    for _ in range(MOST_LOOKS):
        reply = yield from _leave_state(screen, step)
        while reply.get("code") in WEIGHED_FIRST and screen.state not in LOOKED_AT:
            yield Until(lambda now: now.state in LOOKED_AT, WEIGH_AGAIN_S)
            reply = yield from _leave_state(screen, step)
        if screen.state in {"tendering", "receipt"}:
            return
        yield Until(lambda now: now.state not in LOOKED_AT, PATIENCE_S)


def _lay_a_bag(crew: Crew) -> Script:
    """Shopping from elsewhere on the plate, and no word about it. Some think better of it before anybody comes."""
    weight_g = crew.chance.randint(2_500, 9_000)
    yield Lay({"put_g": weight_g})
    if crew.chance.random() < 0.5:
        yield Pause(crew.between(4, 12))
        yield Lay({"take_g": weight_g})


def _fill_basket(crew: Crew, screen: Mirror, codes: list[str]) -> Script:
    for code in codes:
        yield Pause(crew.between(0.7, 2.8))
        if screen.can_lay and crew.chance.random() < STRANGE_BAGS:
            yield from _lay_a_bag(crew)
        if screen.state == "held":
            yield Until(lambda now: now.state != "held", PATIENCE_S)
        if crew.chance.random() < 0.01:
            yield Give("scan_item", {"code": STRANGE_CODE})
        reply = yield Give("scan_item", {"code": code})
        if reply.get("ok") and crew.chance.random() < 0.03:
            yield Pause(crew.between(1, 3))
            line_id = reply["result"]["line"]["line_id"]
            if crew.chance.random() < 0.5:
                yield Give("change_quantity", {"line_id": line_id, "quantity": crew.chance.randint(2, 4)})
            else:
                # Taking back the only line leaves an empty basket, which is paid with nothing: so take another.
                yield Give("void_line", {"line_id": line_id})
                yield Give("scan_item", {"code": code})


def guest(crew: Crew, screen: Mirror) -> Script:
    """A stall: arrive, choose from the menu, order, eat, leave."""
    empty_s = crew.between(0, 6)
    while True:
        if screen.state == "closed" or not screen.menu:
            yield Until(lambda now: now.state != "closed" and bool(now.menu), PATIENCE_S)
        elif screen.state == "served":
            yield Pause(crew.between(5, 20))
            yield from _leave_state(screen, Give("finish"))
        elif screen.state in {"ordered", "paid"}:
            yield Until(lambda now: now.state not in {"ordered", "paid"}, PATIENCE_S)
        else:
            yield Pause(empty_s)
            empty_s = crew.between(6, 40)
            yield Give("arrive")
            for _ in range(crew.chance.choices([1, 2, 3, 4], [3, 4, 2, 1])[0]):
                yield Pause(crew.between(2, 7))
                yield Give("add_item", _choice(crew, crew.chance.choice(screen.menu)))
            yield Pause(crew.between(2, 5))
            yield from _leave_state(screen, Give("place_order"))


def _choice(crew: Crew, item: Data) -> Data:
    """A menu item with as many modifiers of each group as it asks for, and now and then one more."""
    modifiers = []
    for group in item.get("modifier_groups", []):
        least, most = group.get("at_least", 0), min(group.get("at_most", 1), len(group["modifiers"]))
        wanted = least if crew.chance.random() < 0.6 else crew.chance.randint(least, max(least, min(most, least + 1)))
        modifiers += [one["modifier_id"] for one in crew.chance.sample(group["modifiers"], wanted)]
    return {"item_id": item["item_id"], "quantity": crew.chance.choices([1, 2], [9, 1])[0], "modifiers": modifiers}


def driver(crew: Crew, screen: Mirror) -> Script:
    """A pump: take the nozzle, wait to be let, fuel, hang up. Paying is the attendant's."""
    empty_s = crew.between(0, 8)
    while True:
        state = screen.point.get("state")
        if state in {"calling", "started", "authorised"}:
            is_flowing = yield Until(lambda now: now.point.get("state") in {"fuelling", "idle"}, 120)
            if not is_flowing:
                yield Give("hang_nozzle")
        elif state == "fuelling":
            yield Pause(crew.between(12, 35), is_busy=True)
            yield Give("hang_nozzle")
            yield Until(lambda now: now.point.get("state") != "fuelling", 60)
        elif state != "idle" or not screen.grades or len(screen.point.get("unpaid", ())) > 1:
            yield Until(_is_free, PATIENCE_S)
        else:
            yield Pause(empty_s)
            empty_s = crew.between(10, 60)
            yield Give("lift_nozzle", {"grade_id": crew.chance.choice(screen.grades)["item_id"]})
            # What the lifting did arrives as an event, which may be later than its answer.
            yield Until(lambda now: now.point.get("state") != "idle", 5)


def _is_free(now: Mirror) -> bool:
    return now.point.get("state") == "idle" and bool(now.grades) and len(now.point.get("unpaid", ())) < 2


COOKING = {"new": "start", "in_progress": "bump", "ready": "hand_over"}


def cook(crew: Crew, screen: Mirror) -> Script:
    """A kitchen: begin, finish and hand over the oldest tickets of simulated guests."""
    while True:
        yield Until(lambda now: next(_tickets(crew, now), None) is not None, PATIENCE_S)
        yield Pause(crew.between(3, 9))
        ticket = next(_tickets(crew, screen), None)
        if ticket is not None:
            before = ticket["state"]
            yield Give("move_ticket", {"ticket_id": ticket["ticket_id"], "event": COOKING[before]})
            yield Until(_has_moved(ticket["ticket_id"], before), 5)


def _tickets(crew: Crew, screen: Mirror) -> Iterator[Data]:
    return (one for one in screen.tickets.values() if one["terminal"] in crew.names and one["state"] in COOKING)


def _has_moved(ticket_id: str, before: str) -> Callable[[Mirror], bool]:
    return lambda now: now.tickets.get(ticket_id, {}).get("state") != before


def attendant(crew: Crew, screen: Mirror) -> Script:
    """The console: take cash, let pumps go, help, for simulated customers only. What readers owe is theirs to say."""
    refused: Counter[str] = Counter()

    def errands(now: Mirror) -> list[Data]:
        return [
            one
            for one in now.inbox.values()
            if one["terminal"] in crew.names
            and one["kind"] != "payment"
            and refused[one["intervention_id"]] < MOST_TRIES
        ]

    while True:
        yield Until(lambda now: bool(errands(now)), PATIENCE_S)
        yield Pause(crew.between(1, 4))
        waiting = errands(screen)
        if waiting:
            errand_id = waiting[0]["intervention_id"]
            reply = yield _answer(crew, waiting[0])
            if reply.get("ok"):
                yield Until(_is_done(errand_id), 5)
            else:
                # Somebody else was first, or there is more to see by now. Asking for ever would hold up the others.
                refused[errand_id] += 1


def _is_done(intervention_id: str) -> Callable[[Mirror], bool]:
    return lambda now: intervention_id not in now.inbox


def _answer(crew: Crew, errand: Data) -> Give:
    if errand["kind"] == "cash":
        return Give("confirm_cash", {"basket_id": errand["basket_id"], "received_cents": _notes(errand, crew)})
    if errand["kind"] == "pump_call":
        limit: Any = crew.chance.choice([None, None, 2000, 5000])
        return Give("authorise_pump", {"terminal": errand["terminal"], "limit_cents": limit})
    order = {"intervention_id": errand["intervention_id"], "outcome": "done"}
    if errand["kind"] in DECIDED:
        order |= {"outcome": "approved", "note": "looked at", "seen": errand.get("evidence")}
    return Give("resolve_intervention", order)


def _notes(errand: Data, crew: Crew) -> int:
    """What a customer hands over: exactly, or the next note."""
    due = errand.get("amount_cents") or 0
    note = crew.chance.choice([1, 500, 1000, 2000, 5000])
    return -(-due // note) * note


SCRIPTS: dict[str, Callable[[Crew, Mirror], Script]] = {
    "lane": shopper,
    "stall": guest,
    "pump": driver,
    "kitchen": cook,
    "manager": attendant,
}
