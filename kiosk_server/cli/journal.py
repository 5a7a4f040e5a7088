"""`kiosk-server journal` and `verify`: everything that ever happened, and the proof of it."""

import json
import sys
from datetime import UTC, datetime
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.progress import Progress

from kiosk_server.cli.exits import BAD_DATA, Stop
from kiosk_server.cli.office import reading
from kiosk_server.cli.options import hint, takes_config
from kiosk_server.config import Config
from kiosk_server.store import journal as rows
from kiosk_server.store import verify as proof
from kiosk_server.store.moments import Moments
from kiosk_server.store.past import note_moments
from kiosk_server.store.repositories import driver_of


@click.group()
def journal() -> None:
    """Read the journal."""


@journal.command()
@click.option("--since", "after", type=click.IntRange(min=0), default=0, help="Only rows with a higher seq.")
@takes_config()
def export(config: Config, after: int) -> None:
    """All rows, one JSON object a line: seq, at, type, key, by, terminal, data, hash.

    Keep the last line elsewhere: with it, `verify` would notice a tail that was cut off.
    """
    with reading(config) as database, database.read() as conn:
        encode = msgspec.json.Encoder().encode
        for row in rows.export(driver_of(conn), after):
            sys.stdout.buffer.write(encode(row) + b"\n")
        sys.stdout.buffer.flush()


@journal.command()
@click.option("--last", type=click.IntRange(min=1), default=20, show_default=True, help="How many rows.")
@takes_config()
def show(config: Config, last: int) -> None:
    """The last rows, for people."""
    with reading(config) as database, database.read() as conn:
        driver = driver_of(conn)
        head = rows.head_of(driver)
        for row in rows.export(driver, max(0, head.seq - last)):
            click.echo(_line(row))


@journal.command()
@takes_config()
def moments(config: Config) -> None:
    """Note what the time machine begins with, where it is missing (after a restore, say). Changes nothing else."""
    with reading(config), Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("noting", total=None)
        kept = Moments(config.data_path / "moments")
        newest = note_moments(config.store_path, kept, lambda seq: progress.update(task, completed=seq))
    click.echo(f"The past can be looked at up to now; the newest moment is journal row {newest}.")


def _line(row: dict[str, Any]) -> str:
    at = datetime.fromtimestamp(row["at"] / 1000, UTC).isoformat(sep=" ", timespec="milliseconds")[:23]
    data = bytes(row["data"]).decode()
    return f"{row['seq']:>8}  {at}  {row['terminal'] or '-':<8}  {row['type']:<22} {data[:200]}"


@click.command()
@click.option(
    "--head", metavar="SEQ:HASH", help="A row kept elsewhere (seq and hash of an export): finds a cut-off tail."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object: is_whole, rows, seq, hash, problem.")
@takes_config()
def verify(config: Config, head: str | None, as_json: bool) -> None:
    """Prove that the journal is whole and the state follows from it; exit 0 when it is, 65 when not.

    Can run while the server sells.
    """
    expected = _head(head)
    with reading(config), Progress(console=Console(stderr=True), transient=True, disable=as_json) as progress:
        task = progress.add_task("verifying", total=None)
        verdict = proof.verify(
            config.store_path,
            expected=expected,
            progress=lambda done, total: progress.update(task, completed=done, total=total),
        )
    if as_json:
        shown = {
            "is_whole": verdict.is_whole,
            "rows": verdict.rows,
            "seq": verdict.head.seq,
            "hash": verdict.head.hash.hex(),
            "problem": verdict.problem,
            "bad_seq": verdict.bad_seq,
        }
        click.echo(json.dumps(shown))
    if not verdict.is_whole:
        raise Stop(
            f"The store is not what was written: {verdict.problem}. {verdict.rows} journal rows before that are good. "
            f"Stop selling on it, keep the files, and look at `{hint(config, 'backup', '--list')}`.",
            BAD_DATA,
        )
    if not as_json:
        click.echo(f"Whole: {verdict.rows} journal rows, and the state follows from them.")
        click.echo(f"Head: {verdict.head.seq}:{verdict.head.hash.hex()}")


def _head(text: str | None) -> rows.Head | None:
    if text is None:
        return None
    seq, _, digest = text.partition(":")
    try:
        return rows.Head(int(seq), bytes.fromhex(digest))
    except ValueError as error:
        raise click.UsageError("--head: write SEQ:HASH, as `verify` and `journal export` print them.") from error
