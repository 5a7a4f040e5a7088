"""Every order somebody can give, in the imperative. Read this and events.py, and you know the product.

The wire name of a command is its class name in snake case; its fields are the wire's `data`. Who may give which is
the table in `core/handlers/__init__.py`. Terminals act on their own basket; one that names another's is for staff.
Limits stand in the field types, so decoding is validating.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from kiosk_server.domain.basket import MAX_QUANTITY
from kiosk_server.domain.catalog import Item
from kiosk_server.domain.errors import snake_case
from kiosk_server.domain.intervention import Outcome
from kiosk_server.domain.kitchen import Event as TicketEvent
from kiosk_server.domain.network_order import MAX_ALLOW_S
from kiosk_server.domain.staff import KeptTime, RefusedAccess, Role, SealedSecret, SessionEnd, StaffRole, WrongTries
from kiosk_server.domain.tender import TenderKind
from kiosk_server.domain.terminal import Kind

MAX_CODE_LENGTH = 512

Quantity = Annotated[int, Meta(ge=1, le=MAX_QUANTITY)]
Cents = Annotated[int, Meta(ge=0, le=100_000_000)]
# Python's `$` also matches before a last newline; the look-ahead takes that back, and JSON Schema reads it the same.
Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)")]
Id = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+$(?!\n)")]
LineId = Annotated[int, Meta(ge=0, le=1_000_000)]  # without a limit, 2**63 would first be refused by SQLite
Note = Annotated[str, Meta(max_length=500)]
Secret = Annotated[str, Meta(max_length=128, pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)")]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]
NetworkText = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[0-9A-Fa-f:./]+$(?!\n)")]


class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="name", tag=snake_case, forbid_unknown_fields=True):
    """What every command is: frozen, tagged with its wire name, refusing fields it does not know."""


# -- basket: lanes and stalls --


class ScanItem(Command, frozen=True):
    """A code was read or keyed. Opens a basket if there is none.

    Result: `{basket_id, line, totals}`. Refusals: bad_code, bad_check_digit, code_too_long, unknown_item,
    not_for_sale, out_of_range, wrong_state.
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
    """Begin to pay. Cash raises an intervention for the attendant. Result: `{basket_id, intervention_id, due_cents}`.

    A second tap while tendering answers the same and does nothing more.
    """

    tender: TenderKind


class LeaveTender(Command, frozen=True):
    """Back to scanning or ordering, before anything was paid. The cash intervention is withdrawn."""


class ConfirmCash(Command, frozen=True):
    """The attendant has the money. Result: `{receipt}`. Refusals: amount_too_small, wrong_state (already paid)."""

    basket_id: Id
    received_cents: Cents


class Finish(Command, frozen=True):
    """The receipt was looked at (lane: back to attract; stall: free again)."""


class CallAttendant(Command, frozen=True):
    """Ask for help. A second call while one waits changes nothing."""


class ResolveIntervention(Command, frozen=True):
    """An attendant has looked. Cash is resolved by ConfirmCash, not by this."""

    intervention_id: Id
    outcome: Outcome = Outcome.DONE
    note: Note = ""


# -- stall and kitchen --


class Arrive(Command, frozen=True):
    """First touch or call button on a stall; the clock starts."""


class PlaceOrder(Command, frozen=True):
    """Send the order: the kitchen sees it once the carhop has the cash or releases it. Result as ChooseTender."""


class ReleaseOrder(Command, frozen=True):
    """Staff let the kitchen start before the money is taken."""

    basket_id: Id


class MoveTicket(Command, frozen=True):
    """Start, bump, hand over or recall a ticket. When another cook was first, nothing happens twice.

    Result: `{state}`, the state the ticket is in now.
    """

    ticket_id: Id
    event: TicketEvent


# -- pumps --


class LiftNozzle(Command, frozen=True):
    """The customer takes the nozzle of one grade. Sent by the forecourt controller, or by the virtual pump's screen."""

    grade_id: Id


class HangNozzle(Command, frozen=True):
    """The nozzle is back: an unstarted fuelling ends without trace, a started one ends with its totals."""


class AuthorisePump(Command, frozen=True):
    """Let a fuelling point deliver, optionally up to an amount."""

    terminal: Name
    limit_cents: Cents | None = None


class StopPump(Command, frozen=True):
    """Suspend delivery (or take back an authorisation)."""

    terminal: Name


class ResumePump(Command, frozen=True):
    terminal: Name


class StopAllPumps(Command, frozen=True):
    """Emergency stop of the whole forecourt: one gesture. Result: `{stopped: [terminal]}`."""


class ReportFlow(Command, frozen=True):
    """Forecourt controller: the first drops have flowed at a fuelling point."""

    terminal: Name


class ReportFuelling(Command, frozen=True):
    """Forecourt controller: a fuelling ended with these totals. The meter's volume is the truth."""

    terminal: Name
    volume_ml: Annotated[int, Meta(ge=0, le=2_000_000)]


# -- the house --


class AddTerminal(Command, frozen=True):
    """Enrol a terminal. Only the SHA-256 of its token comes here; the token itself is never stored."""

    terminal: Name
    kind: Kind
    token_hash: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]


class RetireTerminal(Command, frozen=True):
    """Revoke a terminal for good: its token dies and its sockets are closed."""

    terminal: Name


class OpenTerminal(Command, frozen=True):
    """Open a closed lane, stall or pump."""

    terminal: Name


class CloseTerminal(Command, frozen=True):
    """Close a free lane, stall or pump."""

    terminal: Name


class ImportItems(Command, frozen=True):
    """Put items into the catalog: new ones are added, changed ones changed, equal ones left. One transaction.

    Result: `{added, changed, unchanged}`. Never sent over the wire; the import of a file becomes this.
    """

    items: tuple[Item, ...]
    source: str = ""


class SwitchSimulation(Command, frozen=True):
    """Turn the demo store's simulated customers on or off."""

    is_on: bool


# -- pairing --


class ConfirmPairing(Command, frozen=True):
    """Make the browser that shows this code a terminal. With `is_replacing`, one that is known gets this new box.

    `token_hash` is not sent: the front door, which knows the box behind the code, fills it in.
    Refusals: not_found (wrong or old code), too_many (five of them), already_exists (a name that is taken).
    """

    code: Annotated[str, Meta(min_length=1, max_length=64)]
    terminal: Name
    kind: Kind
    is_replacing: bool = False
    token_hash: str = ""


class DenyPairing(Command, frozen=True):
    """Send a browser that asks to be paired away. `address` is filled in by the front door."""

    pairing_id: Id
    address: str = ""


# -- people --


class AddStaff(Command, frozen=True):
    """Let a person sign in. Result: `{person, role}`. Refusals: out_of_range (weak secret), already_exists, forbidden.

    The writer never sees `secret`: the front door clears it and puts the hash into `sealed`, which is not sent.
    """

    person: Name
    role: StaffRole
    secret: Secret = ""
    sealed: SealedSecret | None = None


class ChangeSecret(Command, frozen=True):
    """A new PIN or password: one's own (with `current`), or that of somebody one manages. Signs them out everywhere.

    As in AddStaff, the writer sees neither `secret` nor `current`.
    """

    person: Name
    secret: Secret = ""
    current: Secret = ""
    sealed: SealedSecret | None = None


class ChangeRole(Command, frozen=True):
    """Give a person another role. They are signed out everywhere. The last owner stays one."""

    person: Name
    role: StaffRole


class RetireStaff(Command, frozen=True):
    """A person leaves: signed out everywhere, never let in again. Their name stays theirs in the journal."""

    person: Name


class UnlockStaff(Command, frozen=True):
    """Forgive a person's wrong tries before their time is over."""

    person: Name


class SignOutEverywhere(Command, frozen=True):
    """End all sessions: one's own, or those of somebody one manages. Result: `{ended}`."""

    person: Name | None = None


# -- the front door tells, after it has asked --


class SignIn(Command, frozen=True):
    """A person proved who they are. `fingerprint` is that of the secret they proved; '' for a one-time code."""

    person: Name
    role: Role
    session_id: Id
    token_hash: Sha256
    source: str
    fingerprint: str = ""


class ReportWrongSecret(Command, frozen=True):
    """Somebody gave a wrong PIN or password. `person` is '' where nobody is called so."""

    person: str
    source: str
    tries: tuple[WrongTries, ...]


class EndSession(Command, frozen=True):
    """One session is over."""

    session_id: Id
    why: SessionEnd


class ReportRefusals(Command, frozen=True):
    """Who was turned away since the last report; one event, however many there were."""

    refusals: Annotated[tuple[RefusedAccess, ...], Meta(min_length=1, max_length=64)]


class KeepTimes(Command, frozen=True):
    """The server stops: how long each lockout still lasts, and how old each session is."""

    locked_s: dict[str, int]
    sessions: dict[str, KeptTime]


# -- networks --


class AllowNetwork(Command, frozen=True):
    """Let a private network in for a while, at most a day. `deny` and quarantine still win."""

    network: NetworkText
    duration_s: Annotated[int, Meta(ge=60, le=MAX_ALLOW_S)] = 3600
    why: Note = ""


class QuarantineNetwork(Command, frozen=True):
    """Turn a network away at once, open screens included, until it is lifted."""

    network: NetworkText
    why: Note = ""


class LiftNetwork(Command, frozen=True):
    """Take back what was ordered for exactly this network."""

    network: NetworkText


COMMANDS: dict[str, type[Command]] = {str(kind.__struct_config__.tag): kind for kind in Command.__subclasses__()}
