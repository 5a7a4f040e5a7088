"""`kiosk-client`: what runs at a terminal, or pretends to be one."""

import csv
import json
import sys
from pathlib import Path

import click
from rich.console import Console

from kiosk_client.shopping import Goods, read_baskets
from kiosk_client.simulator import Plan, read_tokens, simulate, words
from kiosk_client.wire import read_url

EX_NO_INPUT, EX_UNAVAILABLE = 66, 69


class Stop(click.ClickException):
    """The command ends here, with a sentence and one of sysexits(3)."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.exit_code = code  # type: ignore[misc]  # click declares it on the class, reads it here


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def program() -> None:
    """The terminals of a Kiosk Server store."""


@program.command("simulate")
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, help="Where the server is.")
@click.option("--terminal", "tokens", multiple=True, metavar="TOKEN", help="A terminal's token; may be repeated.")
@click.option(
    "--terminals", "token_files", multiple=True, metavar="FILE", help="JSON list of {name, token}, from terminal add."
)
@click.option(
    "--pace", type=click.FloatRange(min=0, min_open=True), default=1.0, help="1 is how people are; 10 is a rush."
)
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), help="For how long; without it, until Ctrl-C.")
@click.option("--baskets", metavar="FILE", help="Baskets to replay: one a line, its items by name, in commas.")
@click.option("--catalog", metavar="FILE", help="CSV with barcode and name to scan from; the store is asked without.")
@click.option("--seed", type=int, help="The same people each time.")
@click.option("--until-eof", is_flag=True, help="End when standard input ends, as it does when the parent dies.")
@click.option("--json", "as_json", is_flag=True, help="The closing count as one JSON object, and no progress.")
def simulate_command(  # noqa: PLR0917 - click hands them over by name
    url: str,
    tokens: tuple[str, ...],
    token_files: tuple[str, ...],
    pace: float,
    seconds: float | None,
    baskets: str | None,
    catalog: str | None,
    seed: int | None,
    until_eof: bool,
    as_json: bool,
) -> None:
    """Drive terminals over the real wire: shoppers, guests, drivers, a cook, an attendant.

    What a terminal does follows from its kind. Ends with a count; exit 1 when there were errors.
    """
    try:
        read_url(url)
        every = [*tokens, *(token for file in token_files for token in read_tokens(Path(file)))]
        plan = Plan(
            url=url.rstrip("/"),
            tokens=every,
            pace=pace,
            seconds=seconds,
            baskets=read_baskets(Path(baskets)) if baskets else (),
            goods=_read_catalog(Path(catalog)) if catalog else {},
            seed=seed,
            until_eof=sys.stdin.fileno() if until_eof else None,
        )
    except (OSError, ValueError) as error:
        raise Stop(str(error), EX_NO_INPUT) from error
    if not every:
        raise click.UsageError("Which terminals? Name at least one with --terminal TOKEN or --terminals FILE.")
    console = Console(stderr=True)
    try:
        outcome = simulate(plan, console, is_shown=not as_json and console.is_terminal)
    except (OSError, ValueError) as error:
        raise Stop(f"{plan.url} does not answer: {error}. Is the server running there?", EX_UNAVAILABLE) from error
    click.echo(json.dumps(outcome) if as_json else words(outcome))
    raise SystemExit(1 if outcome["errors"] else 0)


def _read_catalog(path: Path) -> Goods:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["name"]: row["barcode"] for row in csv.DictReader(file)}


def main() -> None:
    """Run one command."""
    program(prog_name="kiosk-client")


if __name__ == "__main__":
    main()
