"""`kiosk-server terminal`: who stands in the store."""

import json

import click
import msgspec
from rich.console import Console
from rich.table import Table

from kiosk_server.cli.exits import BAD_DATA, Stop
from kiosk_server.cli.office import open_office, reading
from kiosk_server.cli.options import hint, takes_config
from kiosk_server.config import Config
from kiosk_server.domain.commands import AddTerminal, RetireTerminal
from kiosk_server.domain.terminal import Enrolment, Kind
from kiosk_server.edge.tokens import digest, new_token
from kiosk_server.store.repositories import Repositories


@click.group()
def terminal() -> None:
    """Enrol, list and retire terminals."""


@terminal.command()
@click.argument("name")
@click.option("--kind", type=click.Choice([kind.value for kind in Kind]), required=True, help="What its screen shows.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object: name, kind, token, url.")
@takes_config("listen")
def add(config: Config, name: str, kind: str, as_json: bool) -> None:
    """Enrol a terminal and print its token and sign-in URL.

    The token is shown this once and stored nowhere; whoever opens the URL is that terminal.
    """
    token = new_token()
    try:
        name.encode()  # what the shell handed over need not be text
        command = msgspec.convert({"terminal": name, "kind": kind, "token_hash": digest(token)}, AddTerminal)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise Stop(
            f"{name[:80]!r} cannot be a terminal's name. Nothing was added. "
            "A name has 1 to 64 characters and none that cannot be seen, such as a line's end.",
            BAD_DATA,
        ) from error
    with open_office(config) as office:
        office.give(command)
        url = f"{office.url}/enrol/{token}"
    if as_json:
        click.echo(json.dumps({"name": name, "kind": kind, "token": token, "url": url}, ensure_ascii=False))
        return
    click.echo(f"{name} is enrolled as a {kind}. Open this address on it, once; it is shown only now:\n\n  {url}\n")


@terminal.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@takes_config()
def list_(config: Config, as_json: bool) -> None:
    """All terminals, retired ones last."""
    with reading(config) as database, database.read() as conn:
        found = sorted(Repositories(conn).terminals(), key=lambda one: (one.enrolment is Enrolment.RETIRED, one.name))
    if as_json:
        rows = [{"name": t.name, "kind": t.kind, "enrolment": t.enrolment, "state": t.state} for t in found]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    if not found:
        click.echo(f"No terminals yet. Enrol one: `{hint(config, 'terminal', 'add', 'L1', '--kind', 'lane')}`")
        return
    table = Table("name", "kind", "enrolment", "state", box=None)
    for one in found:
        table.add_row(one.name, one.kind, one.enrolment, one.state)
    Console().print(table)


@terminal.command()
@click.argument("name")
@takes_config()
def retire(config: Config, name: str) -> None:
    """Revoke a terminal for good: its token dies and its screen is closed."""
    with open_office(config) as office:
        office.give(RetireTerminal(terminal=name))
    click.echo(f"{name} is retired. Its name is not given out again.")
