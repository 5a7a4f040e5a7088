"""`kiosk-server staff`: how a person gets in."""

import json

import click

from kiosk_server.cli.exits import UNAVAILABLE, Stop
from kiosk_server.cli.office import ServerOffice, running_server
from kiosk_server.cli.options import takes_config
from kiosk_server.config import Config


@click.group()
def staff() -> None:
    """Let people sign in."""


@staff.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object: code, url, expires_s.")
@takes_config()
def code(config: Config, as_json: bool) -> None:
    """Print a one-time code for signing in at the console."""
    note = running_server(config)
    if note is None:
        raise Stop(
            f"No server is running on the store in {config.data_path}, and a code lives only as long as the server. "
            "Start it (kiosk-server serve), then ask again.",
            UNAVAILABLE,
        )
    office = ServerOffice(note, config.data_path)
    answer = office.post("/api/v1/staff/codes", {})
    url = f"{office.url}/signin?code={answer['code']}"
    if as_json:
        click.echo(json.dumps({"code": answer["code"], "url": url, "expires_s": answer["expires_s"]}))
        return
    import segno  # noqa: PLC0415

    segno.make(url, error="m").terminal(compact=True)
    click.echo(f"\n{url}\n\nThe code {answer['code']} is good once, for {answer['expires_s'] // 60} minutes.")
