"""What the front door tells: who came in, who went, who was turned away, and for how long somebody must still wait."""

from kiosk_server.core.desk import Desk
from kiosk_server.domain.commands import EndSession, KeepTimes, ReportRefusals, ReportWrongSecret, SignIn
from kiosk_server.domain.errors import NotSignedIn
from kiosk_server.domain.events import AccessRefused, SecretRefused, SignedIn, SignedOut, TimesKept
from kiosk_server.domain.staff import SessionEnd
from kiosk_server.store.secrets import fingerprint, of_session

SESSIONS_PER_PERSON = 10


def sign_in(command: SignIn, desk: Desk) -> None:
    """Begin a session, unless the person changed between the proof and now. The oldest of many makes room."""
    member = desk.repositories.member(command.person)
    is_by_code = not command.fingerprint
    if member is not None:
        is_same = not member.is_retired and member.role.value == command.role.value
        if not is_same or not (is_by_code or member.fingerprint == command.fingerprint):
            raise NotSignedIn("Your secret or role was changed a moment ago. Sign in again.")
    elif not is_by_code:
        raise NotSignedIn("Nobody is known by this name and secret. Sign in again.")
    for old in desk.repositories.sessions_of(command.person)[: -(SESSIONS_PER_PERSON - 1)]:
        _end(desk, old.session_id, old.person, SessionEnd.TOO_MANY)
    desk.keep_secret(of_session(command.session_id), command.token_hash)
    desk.record(
        SignedIn(
            session_id=command.session_id,
            person=command.person,
            role=command.role,
            source=command.source,
            fingerprint=fingerprint(command.token_hash),
            is_by_code=is_by_code,
        )
    )


def end_session(command: EndSession, desk: Desk) -> None:
    """End one session; one that is over already stays so."""
    session = desk.repositories.session(command.session_id)
    if session is not None:
        _end(desk, session.session_id, session.person, command.why)


def report_wrong_secret(command: ReportWrongSecret, desk: Desk) -> None:
    member = desk.repositories.member(command.person) if command.person else None
    person = member.name if member else ""
    desk.record(SecretRefused(person=person, source=command.source, tries=command.tries))


def report_refusals(command: ReportRefusals, desk: Desk) -> None:
    desk.record(AccessRefused(refusals=command.refusals))


def keep_times(command: KeepTimes, desk: Desk) -> None:
    """Write down what only this process knew; nothing to say is not said."""
    if command.locked_s or command.sessions:
        desk.record(TimesKept(locked_s=command.locked_s, sessions=command.sessions))


def _end(desk: Desk, session_id: str, person: str, why: SessionEnd) -> None:
    desk.drop_secret(of_session(session_id))
    desk.record(SignedOut(session_id=session_id, person=person, why=why))
