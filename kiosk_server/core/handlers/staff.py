"""The people of the store: they come, get another secret or role, are forgiven, and leave.

The front door has hashed what they typed; here it is only kept. Whom one may manage is `domain/staff.py`.
"""

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.answers import PersonAnswer, SignedOutAnswer
from kiosk_server.domain.commands import (
    AddStaff,
    ChangeRole,
    ChangeSecret,
    RetireStaff,
    SignOutEverywhere,
    UnlockStaff,
)
from kiosk_server.domain.errors import AlreadyExists, BadRequest, Forbidden, NotFound, WrongState
from kiosk_server.domain.events import LockLifted, RoleChanged, SecretChanged, SignedOut, StaffAdded, StaffRetired
from kiosk_server.domain.names import check_visible
from kiosk_server.domain.staff import (
    RESERVED_NAMES,
    Member,
    SealedSecret,
    SecretKind,
    SessionEnd,
    StaffRole,
    fold_name,
    may_manage,
)
from kiosk_server.store.secrets import fingerprint, of_session, of_staff


def add_staff(command: AddStaff, desk: Desk) -> PersonAnswer:
    """Let a person sign in. A name is given once for ever, or old journals would speak of two people as one."""
    _check_may_manage(desk, command.role, command.person)
    if command.person != " ".join(command.person.split()):
        raise BadRequest("A person's name has no spaces around it, and single ones within. Nothing was changed.")
    check_visible(command.person, "person")
    known = desk.repositories.member(command.person)
    is_a_terminal = desk.repositories.terminal_like(command.person) is not None
    if known is not None or is_a_terminal or fold_name(command.person) in RESERVED_NAMES:
        what = "There was somebody of this name" if known and known.is_retired else "This name is taken"
        raise AlreadyExists(f"{what}. Nothing was changed. Add a surname or initial.", person=command.person)
    kind, mark = _kept(desk, command.person, command.sealed)
    member = Member(name=command.person, role=command.role, secret_kind=kind, fingerprint=mark, added_at=desk.now_ms)
    desk.record(StaffAdded(member=member))
    return PersonAnswer(member.name, member.role)


def change_secret(command: ChangeSecret, desk: Desk) -> PersonAnswer:
    """Another secret. Whoever knew the old one is signed out with it."""
    member = _managed(desk, command.person, is_own_allowed=True)
    kind, mark = _kept(desk, member.name, command.sealed)
    desk.record(SecretChanged(person=member.name, secret_kind=kind, fingerprint=mark))
    end_sessions(desk, member.name, SessionEnd.CHANGED)
    return PersonAnswer(member.name, member.role)


def change_role(command: ChangeRole, desk: Desk) -> PersonAnswer:
    """Another role, which neither the old one nor the new one may be above the manager who gives it."""
    member = _managed(desk, command.person)
    _check_may_manage(desk, command.role, command.person)
    if member.role is command.role:
        return PersonAnswer(member.name, member.role)
    _check_not_last_owner(desk, member)
    is_pin_too_short = command.role in {StaffRole.MANAGER, StaffRole.OWNER} and member.secret_kind is SecretKind.PIN
    was_high = member.role in {StaffRole.MANAGER, StaffRole.OWNER}
    if is_pin_too_short and not was_high:
        raise WrongState(
            f"{member.name} has a PIN, which may be too short for {command.role.value}. Nothing was changed. "
            "Give them a password first, then the role."
        )
    desk.record(RoleChanged(person=member.name, role=command.role))
    end_sessions(desk, member.name, SessionEnd.CHANGED)
    return PersonAnswer(member.name, command.role)


def retire_staff(command: RetireStaff, desk: Desk) -> PersonAnswer:
    """A person leaves. A second tap changes nothing."""
    known = desk.repositories.member(command.person)
    if known is not None and known.is_retired:
        _check_may_manage(desk, known.role, known.name)
        return PersonAnswer(known.name, known.role)
    member = _managed(desk, command.person)
    _check_not_last_owner(desk, member)
    desk.record(StaffRetired(person=member.name))
    desk.drop_secret(of_staff(member.name))
    end_sessions(desk, member.name, SessionEnd.RETIRED)
    return PersonAnswer(member.name, member.role)


def unlock_staff(command: UnlockStaff, desk: Desk) -> PersonAnswer:
    """Forgive wrong tries: of others, never one's own, or a lockout would hold nobody who is still signed in."""
    member = _managed(desk, command.person)
    if desk.identity.terminal is None and desk.identity.name == member.name:
        raise Forbidden("Nobody unlocks themselves. Nothing was changed. Wait, or ask another owner.")
    desk.record(LockLifted(person=member.name))
    return PersonAnswer(member.name, member.role)


def sign_out_everywhere(command: SignOutEverywhere, desk: Desk) -> SignedOutAnswer:
    """End all sessions of oneself or of somebody one manages."""
    if command.person is None:
        if desk.identity.terminal is not None:
            raise WrongState(f"{desk.identity.name} is a terminal, which does not sign in. Nothing was changed.")
        return SignedOutAnswer(end_sessions(desk, desk.identity.name, SessionEnd.EVERYWHERE))
    member = _managed(desk, command.person, is_own_allowed=True)
    return SignedOutAnswer(end_sessions(desk, member.name, SessionEnd.EVERYWHERE))


def end_sessions(desk: Desk, person: str, why: SessionEnd) -> int:
    """Record the end of every open session of a person; how many there were."""
    sessions = desk.repositories.sessions_of(person)
    for session in sessions:
        desk.drop_secret(of_session(session.session_id))
        desk.record(SignedOut(session_id=session.session_id, person=person, why=why))
    return len(sessions)


def _managed(desk: Desk, person: str, *, is_own_allowed: bool = False) -> Member:
    """The person named, if the sender may manage them or, where that is allowed, is them."""
    member = desk.repositories.member(person)
    identity = desk.identity
    is_self = member is not None and identity.terminal is None and identity.name == member.name
    if not is_self and not may_manage(identity.role, StaffRole.ATTENDANT):
        # Somebody who may manage nobody does not learn who exists either.
        raise Forbidden(f"{identity.name} may not decide about {person}. Nothing was changed. Ask a manager.")
    if member is None or member.is_retired:
        raise NotFound(f"There is nobody called {person} here. Nothing was changed.", person=person)
    if not (is_self and is_own_allowed):
        _check_may_manage(desk, member.role, member.name)
    return member


def _check_may_manage(desk: Desk, role: StaffRole, person: str) -> None:
    if not may_manage(desk.identity.role, role):
        raise Forbidden(
            f"{desk.identity.name} may not decide about {person} as {role.value}. Nothing was changed. Ask an owner.",
            role=role.value,
        )


def _check_not_last_owner(desk: Desk, member: Member) -> None:
    if member.role is StaffRole.OWNER and desk.repositories.count_owners() <= 1:
        raise WrongState(
            f"{member.name} is the last owner, and a store has one. Nothing was changed. Add another first."
        )


def _kept(desk: Desk, name: str, sealed: SealedSecret | None) -> tuple[SecretKind, str]:
    """Keep the hash where no event shows it; its kind and fingerprint, for the event."""
    if sealed is None or not sealed.hash.startswith("$argon2id$"):
        raise BadRequest("This came past the front door, where secrets are hashed. Nothing was changed.")
    desk.keep_secret(of_staff(name), sealed.hash)
    return sealed.kind, fingerprint(sealed.hash)
