"""The schema that migrations build is the one that tables.py declares, and old stores are brought to it safely."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import OperationalError

from kiosk_server.domain.events import EVENTS
from kiosk_server.store import migrations, projection
from kiosk_server.store.connection import connect
from kiosk_server.store.tables import STATE_TABLES, metadata


def schema_of(driver: sqlite3.Connection) -> dict[str, str]:
    found = driver.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name != 'alembic_version'")
    return {name: " ".join(sql.split()).replace("( ", "(").replace(" )", ")") for name, sql in found}


def migrated(path: Path) -> sqlite3.Connection:
    engine = create_engine("sqlite+pysqlite://", creator=lambda: connect(path, "rwc"), poolclass=NullPool)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        migrations.upgrade(conn)
    return connect(path, "rw")


def test_migrations_build_exactly_the_declared_tables(tmp_path: Path) -> None:
    declared = create_engine(
        "sqlite+pysqlite://", creator=lambda: connect(tmp_path / "declared.db", "rwc"), poolclass=NullPool
    )
    metadata.create_all(declared)
    declared.dispose()
    with closing(migrated(tmp_path / "migrated.db")) as one, closing(connect(tmp_path / "declared.db", "ro")) as other:
        assert schema_of(one) == schema_of(other)


def test_the_revision_known_by_heart_is_the_newest() -> None:
    assert migrations.known_revisions()[0] == migrations.SCHEMA_REVISION


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(connect(path, "rwc")) as driver:
        driver.execute("CREATE TABLE taxes (in_the_way)")
    with pytest.raises(OperationalError, match="taxes already exists"):
        migrated(path)
    with closing(connect(path, "ro")) as driver:
        assert list(schema_of(driver)) == ["taxes"]


def test_every_event_has_a_projection() -> None:
    assert set(projection.PROJECTIONS) == set(EVENTS.values())


def test_every_state_table_is_strict() -> None:
    assert {table.name for table in STATE_TABLES if not table.dialect_options["sqlite"]["strict"]} == set()
