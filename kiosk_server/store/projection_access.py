"""How the events about people, sessions, wrong tries and networks change their tables."""

import sqlite3
from collections.abc import Callable
from typing import Any

from kiosk_server.domain import events as e
from kiosk_server.domain.staff import fold_name
from kiosk_server.store import rows
from kiosk_server.store.journal import Entry


def _staff_added(db: sqlite3.Connection, event: e.StaffAdded, _: Entry) -> None:
    m = event.member
    values = (m.name, m.role, m.secret_kind, m.fingerprint, m.added_at, int(m.is_retired), fold_name(m.name))
    db.execute(f"INSERT INTO staff ({rows.MEMBER}, folded) VALUES (?, ?, ?, ?, ?, ?, ?)", values)


def _secret_changed(db: sqlite3.Connection, event: e.SecretChanged, _: Entry) -> None:
    query = "UPDATE staff SET secret_kind = ?, fingerprint = ? WHERE name = ?"
    db.execute(query, (event.secret_kind, event.fingerprint, event.person))


def _role_changed(db: sqlite3.Connection, event: e.RoleChanged, _: Entry) -> None:
    db.execute("UPDATE staff SET role = ? WHERE name = ?", (event.role, event.person))


def _staff_retired(db: sqlite3.Connection, event: e.StaffRetired, _: Entry) -> None:
    db.execute("UPDATE staff SET is_retired = 1, fingerprint = '' WHERE name = ?", (event.person,))
    _forget_tries(db, event.person)


def _signed_in(db: sqlite3.Connection, event: e.SignedIn, entry: Entry) -> None:
    query = (
        "INSERT INTO sessions (session_id, person, role, source, fingerprint, began_at, kept_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)"
    )
    values = (event.session_id, event.person, event.role, event.source, event.fingerprint, entry.at, entry.at)
    db.execute(query, values)
    _forget_tries(db, event.person)
    db.execute("DELETE FROM wrong_tries WHERE subject = ?", (event.source,))


def _signed_out(db: sqlite3.Connection, event: e.SignedOut, _: Entry) -> None:
    db.execute("DELETE FROM sessions WHERE session_id = ?", (event.session_id,))


def _secret_refused(db: sqlite3.Connection, event: e.SecretRefused, _: Entry) -> None:
    db.executemany(
        "INSERT OR REPLACE INTO wrong_tries (subject, tries, locked_s) VALUES (?, ?, ?)",
        [(one.subject, one.tries, one.locked_s) for one in event.tries],
    )


def _lock_lifted(db: sqlite3.Connection, event: e.LockLifted, _: Entry) -> None:
    _forget_tries(db, event.person)


def _times_kept(db: sqlite3.Connection, event: e.TimesKept, entry: Entry) -> None:
    db.execute("UPDATE wrong_tries SET locked_s = 0")
    left = [(locked_s, subject) for subject, locked_s in event.locked_s.items()]
    db.executemany("UPDATE wrong_tries SET locked_s = ? WHERE subject = ?", left)
    db.executemany(
        "UPDATE sessions SET age_s = ?, idle_s = ?, kept_at = ? WHERE session_id = ?",
        [(kept.age_s, kept.idle_s, entry.at, session_id) for session_id, kept in event.sessions.items()],
    )


def _network_ordered(db: sqlite3.Connection, event: e.NetworkOrdered, _: Entry) -> None:
    o = event.order
    query = f"INSERT OR REPLACE INTO network_orders ({rows.NETWORK_ORDER}) VALUES (?, ?, ?, ?, ?, ?)"
    db.execute(query, (o.network, o.treatment, o.why, o.by, o.ordered_at, o.lasts_s))


def _network_lifted(db: sqlite3.Connection, event: e.NetworkLifted, _: Entry) -> None:
    db.execute("DELETE FROM network_orders WHERE network = ?", (event.network,))


def _changes_nothing(_db: sqlite3.Connection, _event: e.Event, _entry: Entry) -> None:
    """A fact for the record alone."""


def _forget_tries(db: sqlite3.Connection, person: str) -> None:
    db.execute("DELETE FROM wrong_tries WHERE subject = ?", (f"person:{person}",))


ACCESS_PROJECTIONS: dict[type[e.Event], Callable[[sqlite3.Connection, Any, Entry], None]] = {
    e.PairingDenied: _changes_nothing,
    e.StaffAdded: _staff_added,
    e.SecretChanged: _secret_changed,
    e.RoleChanged: _role_changed,
    e.StaffRetired: _staff_retired,
    e.SignedIn: _signed_in,
    e.SignedOut: _signed_out,
    e.SecretRefused: _secret_refused,
    e.LockLifted: _lock_lifted,
    e.AccessRefused: _changes_nothing,
    e.TimesKept: _times_kept,
    e.NetworkOrdered: _network_ordered,
    e.NetworkLifted: _network_lifted,
}
