"""What the front door and the console read about people: who is one, who is signed in, who is locked out."""

import msgspec
from sqlalchemy import Connection

from kiosk_server.domain.events import AccessRefused
from kiosk_server.domain.network_order import NetworkOrder
from kiosk_server.domain.staff import Member, RefusedAccess, Session, WrongTries
from kiosk_server.store import rows, secrets
from kiosk_server.store.repositories import Repositories, driver_of

_LOOKED_BACK = 20_000  # rows: the type has no index, and a start must not read the whole journal
_REPORTS = 20
_REPORT = msgspec.json.Decoder(AccessRefused)


def member_with_hash(conn: Connection, name: str) -> tuple[Member, str] | None:
    """The active person of this name and the hash of their secret; None where there is none that could sign in.

    A hash that is not the one the journal vouches for is no hash: somebody wrote into the file by hand.
    """
    member = Repositories(conn).member(name)
    if member is None or member.is_retired:
        return None
    found = secrets.find(driver_of(conn), secrets.of_staff(member.name))
    if found is None or secrets.fingerprint(found) != member.fingerprint:
        return None
    return member, found


def members(conn: Connection) -> tuple[Member, ...]:
    """Everybody who was ever added, by name."""
    return Repositories(conn).members()


def has_owner(conn: Connection) -> bool:
    return Repositories(conn).count_owners() > 0


def open_sessions(conn: Connection) -> tuple[Session, ...]:
    """All sessions that nobody has ended, with their token hashes."""
    query = (
        f"SELECT {rows.SESSION}, fingerprint, value FROM sessions JOIN secrets ON owner = 'session:' || session_id "
        "ORDER BY began_at, session_id"
    )
    return tuple(
        rows.session(row, token_hash)
        for *row, fingerprint, token_hash in driver_of(conn).execute(query)
        if secrets.fingerprint(token_hash) == fingerprint
    )


def wrong_tries(conn: Connection) -> tuple[WrongTries, ...]:
    """Who has tried in vain since they last succeeded."""
    found = driver_of(conn).execute("SELECT subject, tries, locked_s FROM wrong_tries ORDER BY subject")
    return tuple(WrongTries(subject=subject, tries=tries, locked_s=locked_s) for subject, tries, locked_s in found)


def last_refusals(conn: Connection) -> list[RefusedAccess]:
    """Who was turned away lately, the oldest first: the last reports among the newest rows of the journal."""
    query = (
        "SELECT data FROM journal WHERE seq > (SELECT coalesce(max(seq), 0) FROM journal) - ? "
        "AND type = 'access_refused' ORDER BY seq DESC LIMIT ?"
    )
    found = driver_of(conn).execute(query, (_LOOKED_BACK, _REPORTS)).fetchall()
    return [row for (data,) in reversed(found) for row in _REPORT.decode(data).refusals]


def network_orders(conn: Connection) -> tuple[NetworkOrder, ...]:
    return Repositories(conn).network_orders()
