"""`kiosk-server network`: who would get in, and why."""

import dataclasses
import json

import click

from kiosk_server.app import guard_settings
from kiosk_server.cli.exits import BAD_CONFIG, Stop
from kiosk_server.cli.options import takes_config
from kiosk_server.config import Config
from kiosk_server.edge.guard import Guard, GuardError
from kiosk_server.edge.guard_explain import EffectiveNetwork, Explanation
from kiosk_server.edge.guard_explain import explain as explain_address

TURNED_AWAY = 1


@click.group()
def network() -> None:
    """Say who would get in, and why."""


@network.command()
@click.argument("address")
@click.option("--host", help="The Host header that they would send: the name in their address bar.")
@click.option("--forwarded", help="The X-Forwarded-For header, where ADDRESS is a proxy.")
@click.option("--scheme", type=click.Choice(["http", "https"]), default="https", help="What the proxy's client spoke.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@takes_config("mode")
def explain(
    config: Config, address: str, *, host: str | None, forwarded: str | None, scheme: str, as_json: bool
) -> None:
    """Would ADDRESS get in, and as what? Exits with 1 when it would be turned away.

    The answer follows from the settings and from this machine's interfaces now. What was allowed or put into quarantine
    on the console of a running server is not known here.
    """
    try:
        guard = Guard(guard_settings(config))
    except GuardError as error:
        raise Stop(str(error), BAD_CONFIG) from error
    answer = explain_address(guard, address, host, forwarded, scheme)
    click.echo(json.dumps(dataclasses.asdict(answer)) if as_json else in_words(answer))
    if not answer.would_get_in:
        click.get_current_context().exit(TURNED_AWAY)


def in_words(answer: Explanation) -> str:
    """The story, then every network that counts."""
    lines = ["yes" if answer.would_get_in else "no", *(f"  {step}" for step in answer.steps)]
    return "\n".join(
        [*lines, "", "Networks, the first that contains an address decides:", *map(_line, answer.networks)]
    )


def _line(row: EffectiveNetwork) -> str:
    until = "" if row.remaining_s is None else f", for another {row.remaining_s:.0f} s"
    return f"  {row.treatment:10} {row.network:24} {row.why}{until}"
