"""The house: terminals come and go, open and close; items arrive; the simulated customers are switched."""

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.answers import ImportAnswer, StateAnswer
from kiosk_server.core.handlers.basket import take_away
from kiosk_server.core.handlers.floor import step_lane, step_stall
from kiosk_server.core.handlers.own import named_terminal, shown_basket
from kiosk_server.core.handlers.paying import stop_tender
from kiosk_server.core.handlers.people import withdraw_all
from kiosk_server.domain import barcode, catalog, lane, pump, stall
from kiosk_server.domain import basket as baskets
from kiosk_server.domain.basket import Basket, State
from kiosk_server.domain.catalog import Item
from kiosk_server.domain.commands import (
    AddTerminal,
    CloseTerminal,
    ImportItems,
    OpenTerminal,
    RetireTerminal,
    SwitchSimulation,
)
from kiosk_server.domain.errors import AlreadyExists, BadRequest, NotFound, OutOfRange, WrongState
from kiosk_server.domain.events import (
    BasketSuspended,
    ItemsImported,
    PumpMoved,
    SimulationSwitched,
    TerminalAdded,
    TerminalRetired,
)
from kiosk_server.domain.names import check_visible
from kiosk_server.domain.staff import PARTS_NAMES, fold_name
from kiosk_server.domain.terminal import ENROLMENT, FIRST_STATE, Enrolment, EnrolmentEvent, Kind, Terminal

ITEMS_PER_EVENT = 500
CLOSED = "closed"
_CLOSABLE = frozenset(
    [(Kind.LANE, state.value) for state in lane.State if lane.MACHINE.allows(state, lane.Event.CLOSE)]
    + [(Kind.STALL, state.value) for state in stall.State if stall.MACHINE.allows(state, stall.Event.CLOSE)]
    + [(Kind.PUMP, state.value) for state in pump.State if pump.MACHINE.allows(state, pump.Event.CLOSE)]
)


def add_terminal(command: AddTerminal, desk: Desk) -> StateAnswer:
    """Enrol a terminal. A name is given once for ever, or old journals would speak of two boxes as one."""
    if command.terminal != command.terminal.strip():
        raise BadRequest("A terminal's name does not begin or end with a space. Nothing was changed.")
    check_visible(command.terminal, "terminal")  # or two boxes could look alike on the console
    known = desk.repositories.terminal(command.terminal)
    if known is not None:
        retired = " (it is retired; names are not given out twice)" if known.enrolment is Enrolment.RETIRED else ""
        raise AlreadyExists(
            f"There is a terminal called {command.terminal} already{retired}. Nothing was changed. Use another name.",
            terminal=command.terminal,
        )
    if like := desk.repositories.terminal_like(command.terminal):
        raise AlreadyExists(
            f"There is a terminal called {like} already; {command.terminal} is the same name in other letters. Nothing "
            "was changed. Use another name.",
            terminal=like,
        )
    if desk.repositories.member(command.terminal) is not None or fold_name(command.terminal) in PARTS_NAMES:
        raise AlreadyExists(
            f"{command.terminal} is the name of a person or of a part of the server, in whose name the journal would "
            "speak. Nothing was changed. Use another name.",
            terminal=command.terminal,
        )
    if desk.repositories.terminal_of_token(command.token_hash) is not None:
        # Whose it is is not said: who can send a hash should not learn which terminal it opens.
        raise AlreadyExists("Another terminal has this token already. Nothing was changed. Make a new token for it.")
    state = FIRST_STATE[command.kind]
    added = Terminal(
        name=command.terminal,
        kind=command.kind,
        state=state,
        state_since=desk.now_ms,
        token_hash=command.token_hash,
        added_at=desk.now_ms,
    )
    desk.record(TerminalAdded(terminal=command.terminal, added=added))
    return StateAnswer(state)


def retire_terminal(command: RetireTerminal, desk: Desk) -> StateAnswer:
    """Revoke a terminal. Its basket is parked, never lost; what a customer still owes stays in the inbox.

    A second tap changes nothing. Raises WrongState while fuel may flow.
    """
    terminal = desk.repositories.terminal(command.terminal)
    if terminal is None:
        raise NotFound(f"There is no terminal called {command.terminal}.", terminal=command.terminal)
    if terminal.enrolment is Enrolment.RETIRED:
        return StateAnswer(Enrolment.RETIRED.value)
    then = ENROLMENT.next(terminal.enrolment, EnrolmentEvent.RETIRE)
    if terminal.kind is Kind.PUMP:
        _quiet_pump(desk, terminal)
    basket = shown_basket(desk, terminal)
    if basket is not None:
        _rescue(desk, terminal, basket)
    withdraw_all(desk, terminal)
    desk.record(TerminalRetired(terminal=terminal.name))
    return StateAnswer(then.value)


def _quiet_pump(desk: Desk, terminal: Terminal) -> None:
    point = desk.repositories.point(terminal.name)
    if point is None:
        return
    if point.state in pump.UNDER_WAY:
        raise WrongState(
            f"Somebody is fuelling at {terminal.name}. Nothing was changed. Wait until the nozzle is back.",
            state=point.state.value,
        )
    stopped = pump.stop(point)
    if stopped != point:
        desk.record(PumpMoved(terminal=terminal.name, point=stopped))


def _rescue(desk: Desk, terminal: Terminal, basket: Basket) -> None:
    # A released order is being cooked: its money stays in the inbox, where the carhop looks for it.
    if basket.state is State.TENDERING and not basket.is_released:
        basket = stop_tender(desk, basket)
    if basket.state is not State.OPEN:
        return
    if baskets.is_empty(basket):
        take_away(desk, basket, "empty")
        return
    baskets.move(basket, baskets.Event.SUSPEND)
    desk.record(BasketSuspended(terminal=terminal.name, basket_id=basket.basket_id))


def open_terminal(command: OpenTerminal, desk: Desk) -> StateAnswer:
    """Open a closed lane, stall or pump. One that is open already stays as it is."""
    terminal = named_terminal(desk, command.terminal)
    _check_can_close(terminal)
    if terminal.state != CLOSED:
        return StateAnswer(terminal.state)
    return StateAnswer(_step(desk, terminal, "open"))


def close_terminal(command: CloseTerminal, desk: Desk) -> StateAnswer:
    """Close a free lane, stall or pump. Raises WrongState while a customer is at it."""
    terminal = named_terminal(desk, command.terminal)
    _check_can_close(terminal)
    if terminal.state == CLOSED:
        return StateAnswer(CLOSED)
    if (terminal.kind, terminal.state) not in _CLOSABLE:
        raise WrongState(
            f"{terminal.name} is {terminal.state.replace('_', ' ')}: a customer is at it. "
            "Nothing was changed. Close it once it is free.",
            terminal=terminal.name,
            state=terminal.state,
        )
    return StateAnswer(_step(desk, terminal, "close"))


def _check_can_close(terminal: Terminal) -> None:
    if terminal.kind not in {Kind.LANE, Kind.STALL, Kind.PUMP}:
        raise WrongState(f"{terminal.name} is a {terminal.kind.value} screen, which neither opens nor closes.")


def _step(desk: Desk, terminal: Terminal, event: str) -> str:
    if terminal.kind is Kind.LANE:
        return step_lane(desk, terminal, lane.Event(event))
    if terminal.kind is Kind.STALL:
        return step_stall(desk, terminal, stall.Event(event))
    point = desk.repositories.point(terminal.name) or pump.FuellingPoint(terminal=terminal.name)
    after = pump.step(point, pump.Event(event))
    desk.record(PumpMoved(terminal=terminal.name, point=after))
    return after.state.value


def import_items(command: ImportItems, desk: Desk) -> ImportAnswer:
    """Put items into the catalog, all or none. Equal ones are left alone, so importing twice changes nothing."""
    by_id = {item.item_id: item for item in command.items}
    if len(by_id) < len(command.items):
        raise BadRequest("An item_id stands twice in one import. Nothing was imported.")
    own_codes = [item.code for item in command.items if item.code and not barcode.is_gtin(item.code)]
    if len(set(own_codes)) < len(own_codes):
        raise BadRequest("A code stands twice in one import, for two items. Nothing was imported.")
    known = desk.repositories.items_by_ids(by_id)
    new = [item for item in command.items if known.get(item.item_id) != item]
    for item in new:
        _check_item(desk, item, by_id)
    for start in range(0, len(new), ITEMS_PER_EVENT):
        desk.record(ItemsImported(items=tuple(new[start : start + ITEMS_PER_EVENT]), source=command.source))
    added = sum(1 for item in new if item.item_id not in known)
    return ImportAnswer(added=added, changed=len(new) - added, unchanged=len(command.items) - len(new))


def _check_item(desk: Desk, item: Item, coming: dict[str, Item]) -> None:
    found = catalog.faults(item, desk.policy.tax_rates_bp)
    if found:
        raise OutOfRange(
            f"{item.name or item.item_id}: {'; '.join(found)}. Nothing was imported.", item_id=item.item_id
        )
    # A GTIN is its own item_id, so two items cannot share one; PLUs and own codes can be given out twice.
    if item.code is None or barcode.is_gtin(item.code):
        return
    holder = desk.repositories.item_by_code(item.code)
    if holder is not None and holder.item_id != item.item_id and holder.item_id not in coming:
        raise AlreadyExists(
            f"The code {item.code} belongs to {holder.name} already. Nothing was imported.",
            code=item.code,
            item_id=item.item_id,
        )


def switch_simulation(command: SwitchSimulation, desk: Desk) -> None:
    """Let the demo store's customers come, or send them home. Raises WrongState in a real store."""
    if not desk.policy.is_demo:
        raise WrongState("Only a demo store has simulated customers. Nothing was changed.")
    if command.is_on != desk.repositories.is_simulating():
        desk.record(SimulationSwitched(is_on=command.is_on, by=desk.identity.name))
