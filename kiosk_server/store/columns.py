"""What every table is made of: STRICT, with or without a row number, and two kinds of columns that are never NULL."""

from typing import Any

from sqlalchemy import Column, Index, Integer, MetaData, Table, Text, text

metadata = MetaData()


def table(name: str, *columns: Column[Any] | Index, has_rowid: bool = True) -> Table:
    return Table(name, metadata, *columns, sqlite_strict=True, sqlite_with_rowid=has_rowid)


def words(name: str, default: str | None = None, **options: Any) -> Column[str]:
    return Column(name, Text, nullable=False, server_default=default, **options)


def number(name: str, default: int | None = None) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=None if default is None else text(str(default)))
