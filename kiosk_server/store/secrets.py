"""Hashes that must not be in the journal: it is exported, copied and kept for ever, and a short PIN can be guessed
from its hash in minutes.

Each has an owner, `staff:<name>` or `session:<id>`. An event names its fingerprint, which gives nothing away: a
Argon2id hash is salted and a token is 256 random bits. So the exported chain proves itself to anybody, `verify` proves
these rows to us, and a secret that was changed or a session that ended is really gone.
"""

import hashlib
import sqlite3
from collections.abc import Iterator


def of_staff(name: str) -> str:
    """The owner under which a person's hash stands."""
    return f"staff:{name}"


def of_session(session_id: str) -> str:
    """The owner under which a session's token hash stands."""
    return f"session:{session_id}"


def fingerprint(value: str) -> str:
    """What an event says of a secret: SHA-256 in hex."""
    return hashlib.sha256(value.encode()).hexdigest()


def keep(driver: sqlite3.Connection, owner: str, value: str) -> None:
    """Put it there, in place of an older one."""
    driver.execute("INSERT OR REPLACE INTO secrets (owner, value) VALUES (?, ?)", (owner, value))


def drop(driver: sqlite3.Connection, owner: str) -> None:
    driver.execute("DELETE FROM secrets WHERE owner = ?", (owner,))


def find(driver: sqlite3.Connection, owner: str) -> str | None:
    row = driver.execute("SELECT value FROM secrets WHERE owner = ?", (owner,)).fetchone()
    return row[0] if row else None


def problems(stored: sqlite3.Connection) -> Iterator[str]:
    """What does not fit between the secrets and the state that is proved by the journal, in words."""
    wanted = {
        of_staff(name): mark
        for name, mark in stored.execute("SELECT name, fingerprint FROM store.staff WHERE NOT is_retired")
    }
    wanted |= {
        of_session(name): mark for name, mark in stored.execute("SELECT session_id, fingerprint FROM store.sessions")
    }
    found = dict(stored.execute("SELECT owner, value FROM store.secrets"))
    for owner in sorted(wanted.keys() | found.keys()):
        if owner not in found:
            yield f"the secret of {owner} is gone"
        elif owner not in wanted:
            yield f"there is a secret of {owner}, which the journal does not know"
        elif fingerprint(found[owner]) != wanted[owner]:
            yield f"the secret of {owner} is not the one that was set"
