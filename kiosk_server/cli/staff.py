"""`kiosk-server staff`: who works here, and how somebody gets in who cannot."""

import json
import sys
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.table import Table

from kiosk_server.cli.exits import BAD_DATA, UNAVAILABLE, Stop
from kiosk_server.cli.office import ServerOffice, open_office, reading, running_server
from kiosk_server.cli.options import hint, takes_config
from kiosk_server.config import Config
from kiosk_server.domain.commands import AddStaff, Command, RetireStaff
from kiosk_server.domain.staff import StaffRole
from kiosk_server.store.repositories import Repositories


@click.group()
def staff() -> None:
    """Add and retire people, and let them in."""


@staff.command()
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in StaffRole]), required=True, help="What they may do.")
@click.option("--secret-from-stdin", is_flag=True, help="Read the PIN or password from the first line of stdin.")
@takes_config("listen")
def add(config: Config, name: str, role: str, secret_from_stdin: bool) -> None:
    """Let a person sign in. Their PIN or password is asked for twice, and is never an argument.

    Managers and owners: at least 6 digits without a pattern, or a password of at least 8 characters.
    """
    secret = sys.stdin.readline().rstrip("\r\n") if secret_from_stdin else _asked()
    command = _checked({"person": name, "role": role, "secret": secret}, AddStaff)
    with open_office(config) as office:
        office.give(command)
    click.echo(f"{name} can sign in as {role}.")


@staff.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@takes_config()
def list_(config: Config, as_json: bool) -> None:
    """Everybody, those who left last."""
    with reading(config) as database, database.read() as conn:
        found = sorted(Repositories(conn).members(), key=lambda one: (one.is_retired, one.name))
    if as_json:
        rows = [{"name": m.name, "role": m.role, "secret": m.secret_kind, "is_retired": m.is_retired} for m in found]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    if not found:
        click.echo(f"Nobody yet. `{hint(config, 'staff', 'code')}` prints a code for the first owner.")
        return
    table = Table("name", "role", "signs in by", "", box=None)
    for one in found:
        table.add_row(one.name, one.role, one.secret_kind, "retired" if one.is_retired else "")
    Console().print(table)


@staff.command()
@click.argument("name")
@takes_config()
def retire(config: Config, name: str) -> None:
    """A person leaves: signed out everywhere, never let in again."""
    with open_office(config) as office:
        office.give(_checked({"person": name}, RetireStaff))
    click.echo(f"{name} is retired and signed out everywhere.")


@staff.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object: code, url, expires_s, purpose, person.")
@takes_config()
def code(config: Config, name: str | None, as_json: bool) -> None:
    """Print a one-time code that signs NAME in.

    In a store without an owner, and without NAME: the code that makes the first one.
    """
    _print_code(config, {"person": name}, as_json=as_json)


@staff.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="One JSON object: code, url, expires_s, purpose, person.")
@takes_config()
def reset(config: Config, name: str, as_json: bool) -> None:
    """Print a one-time code with which NAME chooses a new PIN or password. The old one stays good until then."""
    _print_code(config, {"person": name, "is_reset": True}, as_json=as_json)


def _print_code(config: Config, wish: dict[str, Any], *, as_json: bool) -> None:
    note = running_server(config)
    if note is None:
        raise Stop(
            f"No server is running on the store in {config.data_path}, and a code lives only as long as the server. "
            f"Start it (`{hint(config, 'serve')}`), then ask again.",
            UNAVAILABLE,
        )
    office = ServerOffice(note, config.data_path)
    answer = office.post("/api/v1/staff/codes", {key: value for key, value in wish.items() if value is not None})
    page = "signin" if answer["purpose"] == "sign_in" else "welcome"
    url = f"{office.url}/{page}?code={answer['code']}"
    if as_json:
        click.echo(json.dumps(answer | {"url": url}, ensure_ascii=False))
        return
    import segno  # noqa: PLC0415

    segno.make(url, error="m").terminal(compact=True)
    click.echo(f"\n{url}\n\nThe code {answer['code']} is good once, for {answer['expires_s'] // 60} minutes.")


def _asked() -> str:
    secret: str = click.prompt("PIN or password", hide_input=True, confirmation_prompt="The same again", err=True)
    return secret


def _checked(fields: dict[str, str], kind: type[Command]) -> Command:
    try:
        return msgspec.convert(fields, kind)
    except msgspec.ValidationError as error:
        raise Stop(f"This cannot be done: {error}. Nothing was changed.", BAD_DATA) from error
