"""Alembic's migrations, run by the program itself when it opens a store; there is no alembic.ini."""

import sqlite3
from pathlib import Path

from sqlalchemy import Connection

# What alembic's newest revision is called. Kept here so that a start that needs no migration need not import alembic;
# a test fails when they differ.
SCHEMA_REVISION = "0013"

FOLDER = Path(__file__).parent


def revision_of(driver: sqlite3.Connection) -> str | None:
    """The revision of a store, or None for a file without tables."""
    exists = driver.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    row = driver.execute("SELECT version_num FROM alembic_version").fetchone() if exists else None
    return row[0] if row else None


def known_revisions() -> tuple[str, ...]:
    """Every revision this program knows, newest first."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - a tenth of a second that most starts do not need

    return tuple(script.revision for script in ScriptDirectory(str(FOLDER)).walk_revisions())


def upgrade(conn: Connection, revision: str = "head") -> None:
    """Bring the schema to `revision`, all of it in one transaction."""
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": conn})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    conn.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        command.upgrade(config, revision)
    except BaseException:
        conn.exec_driver_sql("ROLLBACK")
        raise
    conn.exec_driver_sql("COMMIT")
