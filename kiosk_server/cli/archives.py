"""`kiosk-server archive`: closed business days in files of their own, and the proof of such files."""

from pathlib import Path

import click
import msgspec

from kiosk_server.cli.exits import NO_INPUT, Stop
from kiosk_server.cli.office import reading
from kiosk_server.cli.options import hint, takes_config
from kiosk_server.config import Config
from kiosk_server.store import archive as days
from kiosk_server.store.repositories import driver_of


@click.command()
@click.argument("day", required=False, metavar="[YYYY-MM-DD|all]")
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), help="Another folder than archive/ in the data directory."
)
@click.option(
    "--check",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Only prove this file; several must be neighbouring days. Needs no store.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object an archive.")
@takes_config()
def archive(config: Config, day: str | None, folder: Path | None, files: tuple[Path, ...], as_json: bool) -> None:
    """Write a closed business day into a file of its own, which proves itself without the store.

    Nothing is taken out of the store, and a day that is archived already is only checked. Without a day, the closed
    days are listed; `all` writes every one. Exit 65 for a file that is not what was written.
    """
    if files:
        before = None
        for file in sorted(files):
            before = days.check(file, before)
            _tell(before, as_json=as_json)
        return
    with reading(config) as database, database.read() as conn:
        driver = driver_of(conn)
        closed = days.closed_days(driver)
        if day is None:
            _list(closed)
            return
        chosen = [one for one in closed if day in {"all", one.day}]
        if not chosen and day != "all":
            raise Stop(
                f"{day} is not a closed business day of this store. `{hint(config, 'archive')}` lists those. "
                "Nothing was written.",
                NO_INPUT,
            )
        for one in chosen:
            _tell(days.write(driver, one, folder or config.data_path / "archive"), as_json=as_json)


def _list(closed: list[days.Day]) -> None:
    for one in closed:
        click.echo(f"{one.day}  rows {one.after_seq + 1} to {one.seq}")
    if not closed:
        click.echo("No business day is closed yet: a day is, once a later one has begun.")


def _tell(found: days.Archive, *, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(found))
        return
    ends = found.closing
    click.echo(
        f"{found.opening.day}: {ends.rows} journal rows up to {ends.seq}, {ends.receipts} receipts. Whole: {found.path}"
    )
