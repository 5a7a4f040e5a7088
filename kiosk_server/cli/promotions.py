"""`kiosk-server promotions`: put a file of promotions in force, and list what is."""

import json
from pathlib import Path
from typing import Any

import click
import msgspec

from kiosk_server.cli.exits import BAD_DATA, NO_INPUT, Stop
from kiosk_server.cli.office import open_office, reading
from kiosk_server.cli.options import hint, takes_config
from kiosk_server.config import Config
from kiosk_server.domain.commands import ImportPromotions
from kiosk_server.domain.promotion import Promotion, runs_at
from kiosk_server.edge.promotions_file import FIELDS, BadFile, read_promotions
from kiosk_server.store.repositories import Repositories

MAX_BYTES = 16 * 1024 * 1024


@click.group()
def promotions() -> None:
    """Put promotions in force, and list them."""


@promotions.command("import", epilog="Words: " + "; ".join(f"{name}: {what}" for name, what in FIELDS.items()) + ".")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--only", "is_all", is_flag=True, help="End every promotion that the file does not name.")
@click.option("--json", "as_json", is_flag=True, help="The summary as one JSON object.")
@takes_config()
def import_(config: Config, file: Path, is_all: bool, as_json: bool) -> None:
    """Import promotions from a TOML or CSV file, all of them or none.

    A promotion keeps its id; when it changes, it gets a new revision, and receipts go on naming the old one. The same
    file twice changes nothing.
    """
    try:
        found = read_promotions(_read(file), is_csv=file.suffix.lower() == ".csv")
    except BadFile as bad:
        raise Stop("\n  ".join([f"{file}: {bad}", *bad.problems]), BAD_DATA) from bad
    with open_office(config) as office:
        result = office.give(ImportPromotions(promotions=found, source=file.name, is_all=is_all))
    click.echo(json.dumps(result) if as_json else _words(len(found), result))


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise Stop(f"{file} is larger than {MAX_BYTES >> 20} MiB. Nothing was imported.", BAD_DATA)
        return file.read_bytes()
    except OSError as error:
        raise Stop(f"{file} cannot be read: {error.strerror}. Nothing was imported.", NO_INPUT) from error


def _words(count: int, result: dict[str, Any]) -> str:
    lines = [
        f"{count} promotions: {result['added']} added, {result['changed']} changed, {result['unchanged']} unchanged; "
        f"{result['ended']} ended."
    ]
    if result["unknown_items"]:
        lines.append(f"Not in the catalog (yet): {', '.join(result['unknown_items'])}")
    return "\n".join(lines)


@promotions.command("list")
@click.option("--all", "is_all", is_flag=True, help="Also those that have ended.")
@click.option("--json", "as_json", is_flag=True, help="As a JSON array.")
@takes_config()
def list_(config: Config, is_all: bool, as_json: bool) -> None:
    """List the promotions, and which of them run now."""
    from kiosk_server.core.clock import SystemClock  # noqa: PLC0415 - only this command asks what time it is

    with reading(config) as database, database.read() as conn:
        known = Repositories(conn).promotions()
    now_ms = SystemClock().now_ms()
    shown = [(one, _state(one, now_ms, config)) for one in known.values() if is_all or not one.is_ended]
    if as_json:
        click.echo(json.dumps([msgspec.to_builtins(one) | {"state": state} for one, state in shown]))
        return
    for one, state in shown:
        click.echo(f"{one.promotion_id:<24} {state:<8} {one.kind.value:<15} {one.name} (revision {one.revision})")
    if not shown:
        click.echo(f"No promotions. `{hint(config, 'promotions', 'import', 'FILE')}` puts some in force.")


def _state(one: Promotion, now_ms: int, config: Config) -> str:
    if one.is_ended:
        return "ended"
    return "running" if runs_at(one, now_ms, config.policy) else "waiting"
