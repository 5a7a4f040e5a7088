"""A box that showed its code becomes a terminal, takes a known one's place, or is sent away.

Codes and waiting boxes are the front door's (`edge/pairing.py`): it knows which box is behind a code, and hands its
token's hash over.
"""

import re

from msgspec.structs import replace

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.answers import PairedAnswer
from kiosk_server.core.handlers.manager import add_terminal
from kiosk_server.domain.commands import AddTerminal, ConfirmPairing, DenyPairing
from kiosk_server.domain.errors import AlreadyExists, BadRequest, WrongState
from kiosk_server.domain.events import PairingDenied, TerminalPaired
from kiosk_server.domain.terminal import ENROLMENT, FIRST_STATE, Enrolment, EnrolmentEvent, Kind, Terminal

_HASH = re.compile("[0-9a-f]{64}")


def confirm_pairing(command: ConfirmPairing, desk: Desk) -> PairedAnswer:
    """Enrol the box under its name, new or (on purpose) known."""
    if not _HASH.fullmatch(command.token_hash):
        raise BadRequest("This came past the front door, which knows the box behind the code. Nothing was changed.")
    known = desk.repositories.terminal(command.terminal)
    if known is None:
        new = AddTerminal(terminal=command.terminal, kind=command.kind, token_hash=command.token_hash)
        add_terminal(new, desk)
        return PairedAnswer(command.terminal, command.kind, is_replacement=False)
    _check_replaceable(command, known)
    enrolment = ENROLMENT.next(known.enrolment, EnrolmentEvent.REPLACE)
    paired = replace(known, enrolment=enrolment, token_hash=command.token_hash)
    if known.enrolment is Enrolment.RETIRED and known.kind is not Kind.PUMP:
        # Its basket was parked when it was retired. (A pump goes on in the state of its fuelling point.)
        paired = replace(paired, state=FIRST_STATE[known.kind], state_since=desk.now_ms, basket_id=None)
    desk.record(TerminalPaired(terminal=known.name, paired=paired))
    return PairedAnswer(known.name, known.kind, is_replacement=True)


def deny_pairing(command: DenyPairing, desk: Desk) -> None:
    """Note who was sent away, from where, by whom."""
    desk.record(PairingDenied(pairing_id=command.pairing_id, address=command.address))


def _check_replaceable(command: ConfirmPairing, known: Terminal) -> None:
    if known.kind is not command.kind:
        raise WrongState(
            f"{known.name} is a {known.kind.value}, and its history with it. Nothing was changed. "
            f"Give the new {command.kind.value} another name.",
            terminal=known.name,
            kind=known.kind.value,
        )
    if not command.is_replacing:
        state = "was taken out of service" if known.enrolment is Enrolment.RETIRED else "is in service"
        raise AlreadyExists(
            f"There is a terminal called {known.name} already, and it {state}. Nothing was changed. "
            "Use another name, or say that this box takes its place.",
            terminal=known.name,
            can_replace=True,
        )
