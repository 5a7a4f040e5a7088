"""Every pair of every machine: the law is written out here a second time, by hand, and all else must be refused.

One line a state: `state: event>then event>then`.
"""

from enum import StrEnum

import pytest

from kiosk_server.domain import basket, kitchen, lane, payment, printing, pump, stall, terminal
from kiosk_server.domain.errors import IllegalTransition, WrongState
from kiosk_server.domain.machine import Machine

LAWS = {
    "terminal": """
        unpaired: show_code>pairing
        pairing: expire>unpaired confirm>active
        active: lock>locked retire>retired replace>active
        locked: unlock>active retire>retired
        retired: replace>active
    """,
    "basket": """
        open: tender>tendering void>void suspend>suspended
        tendering: leave_tender>open pay>paid void>void
        suspended: resume>open void>void
        paid: refund>refunded
        void:
        refunded:
    """,
    "lane": """
        closed: open>attract
        attract: scan>scanning close>closed
        scanning: scan>scanning call>intervention hold>held tender>tendering empty>attract
        intervention: scan>intervention hold>held resolve>scanning empty>attract
        held: call>intervention resolve>scanning empty>attract
        tendering: leave_tender>scanning pay>receipt empty>attract
        receipt: scan>scanning finish>attract close>closed
    """,
    "payment": """
        asked: begin>authorising authorise>authorised decline>declined cancel>cancelled time_out>timed_out \
               lose>unknown reverse>reversing
        authorising: authorise>authorised decline>declined cancel>cancelled time_out>timed_out \
               lose>unknown reverse>reversing
        unknown: authorise>authorised decline>declined cancel>cancelled time_out>timed_out reverse>reversing
        authorised: capture>captured reverse>reversing
        captured:
        reversing: give_back>reversed decline>declined cancel>cancelled time_out>timed_out
        declined: authorise>reversing
        cancelled: authorise>reversing
        timed_out: authorise>reversing
        reversed:
    """,
    "stall": """
        closed: open>free
        free: arrive>arrived add>ordering close>closed
        arrived: add>ordering empty>free
        ordering: add>ordering place>ordered empty>free
        ordered: retract>ordering empty>free pay>paid serve>ordered
        paid: serve>served
        served: finish>free arrive>arrived add>ordering close>closed
    """,
    "ticket": """
        new: start>in_progress bump>ready void>voided
        in_progress: bump>ready void>voided
        ready: hand_over>handed_over recall>in_progress
        handed_over: recall>in_progress
        voided:
    """,
    "print job": """
        waiting: print>printed fail>failed lose>unknown
        printed:
        failed: settle>settled
        unknown: settle>settled
        settled:
    """,
    "pump": """
        inoperative: repair>closed
        closed: open>idle fail>inoperative
        idle: close>closed lift>calling authorise>authorised fail>inoperative
        calling: hang>idle authorise>started fail>inoperative
        authorised: lift>started stop>idle fail>inoperative
        started: flow>fuelling hang>idle suspend>suspended_started fail>inoperative
        suspended_started: resume>started flow>suspended_fuelling hang>idle fail>inoperative
        fuelling: suspend>suspended_fuelling hang>idle fail>inoperative
        suspended_fuelling: resume>fuelling hang>idle fail>inoperative
    """,
}

MACHINES: dict[str, tuple[Machine, type[StrEnum], type[StrEnum]]] = {
    "terminal": (terminal.ENROLMENT, terminal.Enrolment, terminal.EnrolmentEvent),
    "basket": (basket.MACHINE, basket.State, basket.Event),
    "lane": (lane.MACHINE, lane.State, lane.Event),
    "payment": (payment.MACHINE, payment.State, payment.Event),
    "stall": (stall.MACHINE, stall.State, stall.Event),
    "ticket": (kitchen.MACHINE, kitchen.State, kitchen.Event),
    "print job": (printing.MACHINE, printing.State, printing.Event),
    "pump": (pump.MACHINE, pump.State, pump.Event),
}


def law(name: str) -> dict[tuple[str, str], str]:
    legal = {}
    for row in LAWS[name].strip().splitlines():
        state, _, moves = row.strip().partition(":")
        for move in moves.split():
            event, _, then = move.partition(">")
            legal[state, event] = then
    return legal


PAIRS = [
    pytest.param(name, state, event, id=f"{name}-{state}-{event}")
    for name, (_, states, events) in MACHINES.items()
    for state in states
    for event in events
]


@pytest.mark.parametrize(("name", "state", "event"), PAIRS)
def test_machine_keeps_the_law_for_this_pair(name: str, state: StrEnum, event: StrEnum) -> None:
    machine = MACHINES[name][0]
    then = law(name).get((state.value, event.value))
    assert machine.allows(state, event) == (then is not None)
    if then is not None:
        assert machine.next(state, event).value == then
        return
    with pytest.raises(IllegalTransition) as refusal:
        machine.next(state, event)
    assert refusal.value.details["state"] == state.value
    assert refusal.value.details["possible"] == sorted(e for s, e in law(name) if s == state.value)


@pytest.mark.parametrize("name", MACHINES)
def test_law_names_every_state_and_every_event(name: str) -> None:
    _, states, events = MACHINES[name]
    rows = {row.strip().partition(":")[0] for row in LAWS[name].strip().splitlines()}
    assert rows == {state.value for state in states}
    assert {event for _, event in law(name)} == {event.value for event in events}


def test_illegal_transition_is_a_wrong_state() -> None:
    assert issubclass(IllegalTransition, WrongState)


@pytest.mark.parametrize("name", MACHINES)
def test_every_state_but_dead_ends_can_be_left(name: str) -> None:
    dead_ends = {
        "basket": {"void", "refunded"},
        "payment": {"captured", "reversed"},
        "ticket": {"voided"},
        "print job": {"printed", "settled"},
    }
    left = {state for state, _ in law(name)}
    assert {state.value for state in MACHINES[name][1]} - left == dead_ends.get(name, set())


def test_pump_states_carry_their_ifsf_numbers() -> None:
    assert [(number, state.value) for state, number in pump.IFSF_NUMBER.items()] == [
        (1, "inoperative"),
        (2, "closed"),
        (3, "idle"),
        (4, "calling"),
        (5, "authorised"),
        (6, "started"),
        (7, "suspended_started"),
        (8, "fuelling"),
        (9, "suspended_fuelling"),
    ]
