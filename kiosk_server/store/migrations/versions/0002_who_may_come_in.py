"""Who may come in: people, their sessions and wrong tries, orders about networks, and the hashes no event shows."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
CREATE TABLE network_orders (
    network TEXT NOT NULL,
    treatment TEXT NOT NULL,
    why TEXT NOT NULL,
    "by" TEXT NOT NULL,
    ordered_at INTEGER NOT NULL,
    lasts_s INTEGER,
    PRIMARY KEY (network)
)
 WITHOUT ROWID,
 STRICT
""",
    """
CREATE TABLE secrets (
    owner TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (owner)
)
 WITHOUT ROWID,
 STRICT
""",
    """
CREATE TABLE sessions (
    session_id TEXT NOT NULL,
    person TEXT NOT NULL,
    role TEXT NOT NULL,
    source TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    began_at INTEGER NOT NULL,
    kept_at INTEGER NOT NULL,
    age_s INTEGER DEFAULT 0 NOT NULL,
    idle_s INTEGER DEFAULT 0 NOT NULL,
    PRIMARY KEY (session_id)
)
 WITHOUT ROWID,
 STRICT
""",
    """
CREATE INDEX sessions_by_person ON sessions (person, began_at)
""",
    """
CREATE TABLE staff (
    name TEXT NOT NULL,
    folded TEXT NOT NULL,
    role TEXT NOT NULL,
    secret_kind TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    is_retired INTEGER DEFAULT 0 NOT NULL,
    PRIMARY KEY (name)
)
 WITHOUT ROWID,
 STRICT
""",
    """
CREATE UNIQUE INDEX staff_by_folded ON staff (folded)
""",
    """
CREATE TABLE wrong_tries (
    subject TEXT NOT NULL,
    tries INTEGER NOT NULL,
    locked_s INTEGER NOT NULL,
    PRIMARY KEY (subject)
)
 WITHOUT ROWID,
 STRICT
""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.get_bind().exec_driver_sql(statement)
