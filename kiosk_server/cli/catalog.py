"""`kiosk-server catalog import`: a file of items into the catalog, and the rows that cannot be taken beside it."""

import csv
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TextIO

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from kiosk_server.cli.exits import BAD_DATA, CANNOT_CREATE, NO_INPUT, Stop
from kiosk_server.cli.office import open_office
from kiosk_server.cli.options import takes_config
from kiosk_server.config import Config
from kiosk_server.domain.commands import ImportItems
from kiosk_server.domain.errors import Refusal
from kiosk_server.domain.money import parse_cents
from kiosk_server.edge.catalog_file import Reading, Rules, read_catalog
from kiosk_server.edge.catalog_text import UnreadableFile

MAX_BYTES = 256 * 1024 * 1024
REASONS_SHOWN = 5


@click.group()
def catalog() -> None:
    """Put items into the catalog."""


@catalog.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--default-price", metavar="PRICE", help="For items without one; otherwise they are not for sale.")
@click.option("--json", "as_json", is_flag=True, help="The summary as one JSON object.")
@takes_config()
def import_(config: Config, file: Path, default_price: str | None, as_json: bool) -> None:
    """Import a CSV file: barcode, name and, if there, price, tax, category.

    Further columns: price_per_kg for what is sold by weight, weight_g of one piece, minimum_age, max_quantity, deposit,
    withdrawn (recalled: yes), bagging (weighed, light, bulky), tare_g, and picture_file, a file in DATA_DIR/pictures.
    Columns may stand in any order and have their usual names in English, German, French or Spanish. Every row is
    checked; the good ones go in together, the others are written to FILE.rejected.csv with line number and reason.
    The same file twice changes nothing.
    """
    data = _read(file)
    rules = Rules(tax_rates_bp=config.store.tax_rates_bp, default_price_cents=_cents(default_price))
    with _progress(is_shown=not as_json) as progress:
        reading = _checked(data, rules, progress, file)
        result = {"added": 0, "changed": 0, "unchanged": 0}
        if reading.items:
            task = progress.add_task("importing", total=None)
            with open_office(config) as office:
                result = office.give(ImportItems(items=tuple(reading.items), source=file.name))
            progress.update(task, total=1, completed=1)
    rejected = _write_rejected(reading, file, config) if reading.refused else None
    summary: dict[str, object] = {
        "rows": reading.rows,
        **{name: int(result[name]) for name in ("added", "changed", "unchanged")},
        "refused": len(reading.refused),
        "unpriced": reading.unpriced,
        "encoding": reading.sheet.encoding,
        "rejected_file": str(rejected) if rejected else None,
    }
    click.echo(json.dumps(summary, ensure_ascii=False) if as_json else _words(summary, reading))
    if not reading.rows:
        raise Stop(f"{file} holds a header and no rows. Nothing was imported.", BAD_DATA)
    if not reading.items:
        raise Stop(f"Not one row of {file} could be imported.", BAD_DATA)


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise Stop(f"{file} is larger than {MAX_BYTES >> 20} MiB. Nothing was imported. Split it.", BAD_DATA)
        return file.read_bytes()
    except OSError as error:
        raise Stop(f"{file} cannot be read: {error.strerror}. Nothing was imported.", NO_INPUT) from error


def _cents(price: str | None) -> int | None:
    try:
        return None if price is None else parse_cents(price)
    except Refusal as refusal:
        raise click.UsageError(f"--default-price: {refusal.message}") from refusal


def _progress(*, is_shown: bool) -> Progress:
    columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), disable=not is_shown, transient=True)


def _checked(data: bytes, rules: Rules, progress: Progress, file: Path) -> Reading:
    task = progress.add_task("checking", total=max(1, data.count(b"\n") - 1))
    try:
        reading = read_catalog(data, rules, lambda rows: progress.update(task, completed=rows))
    except UnreadableFile as error:
        raise Stop(f"{file}: {error}", BAD_DATA) from error
    progress.update(task, total=max(1, reading.rows), completed=max(1, reading.rows))
    return reading


def _write_rejected(reading: Reading, file: Path, config: Config) -> Path:
    """Beside the input, or in the data directory where that is not possible."""
    name = f"{file.stem}.rejected.csv" if file.suffix.lower() == ".csv" else f"{file.name}.rejected.csv"
    problem: OSError | None = None
    for folder in (file.parent, config.data_path):
        path = folder / name
        try:
            with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as out:
                _write_rows(reading, out)
        except OSError as error:
            problem = error
            with suppress(OSError):
                path.unlink(missing_ok=True)
        else:
            return path
    raise Stop(
        f"The good rows are imported, but the list of the {len(reading.refused)} refused ones could not be written: "
        f"{problem}. Run the import again from a folder that can be written; it changes nothing else.",
        CANNOT_CREATE,
    )


def _write_rows(reading: Reading, out: TextIO) -> None:
    writer = csv.writer(out, delimiter=reading.sheet.delimiter, lineterminator=os.linesep)
    writer.writerow(["line", "reason", *reading.sheet.header])
    writer.writerows([row.line, row.reason, *row.cells] for row in reading.refused)


def _words(summary: dict[str, object], reading: Reading) -> str:
    lines = [
        f"{summary['rows']} rows: {summary['added']} added, {summary['changed']} changed, "
        f"{summary['unchanged']} unchanged, {summary['refused']} refused."
    ]
    if reading.unpriced:
        lines.append(
            f"{reading.unpriced} items have no price and are not for sale until they get one (--default-price)."
        )
    lines += [f"  line {row.line}: {row.reason}" for row in reading.refused[:REASONS_SHOWN]]
    if summary["rejected_file"]:
        lines.append(f"All refused rows with their reasons: {summary['rejected_file']}")
    return "\n".join(lines)
