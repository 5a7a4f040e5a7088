"""`kiosk-server backup` and `restore`."""

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from kiosk_server.cli.exits import BAD_DATA, NO_INPUT, Stop
from kiosk_server.cli.office import reading
from kiosk_server.cli.options import hint, takes_config
from kiosk_server.config import Config
from kiosk_server.store import backup as copies
from kiosk_server.store.connection import connect
from kiosk_server.store.db import DiskLimits
from kiosk_server.store.drill import drill
from kiosk_server.store.lock import StoreLock
from kiosk_server.store.opening import make_folder


@click.command()
@click.option("--list", "is_listing", is_flag=True, help="Only list the backups that are there.")
@click.option("--drill", "is_drill", is_flag=True, help="Prove that the newest backup could be restored; make none.")
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), help="Another folder, this once; nothing is thinned out."
)
@click.option("--json", "as_json", is_flag=True, help="The backup (or the list, or the drill) as JSON.")
@takes_config("backup.dir")
def backup(config: Config, is_listing: bool, is_drill: bool, folder: Path | None, as_json: bool) -> None:
    """Copy the store as it is now, while it sells; old copies are thinned out.

    Kept are the last 24, and the last of each of 30 days. A drill restores the newest backup into a scratch file,
    rebuilds it from its journal, and notes the result for the console and /metrics; exit 65 when it failed.
    """
    if is_listing:
        _list(config, as_json=as_json)
        return
    if is_drill:
        _drill(config, folder, as_json=as_json)
        return
    chosen = folder or config.backup_path
    with reading(config), closing(connect(config.store_path, "ro")) as source:
        made = copies.take(source, chosen, spare_bytes=_spare_bytes(config, chosen))
    copies.check(made)
    gone = [] if folder else copies.rotate(config.backup_path)
    if as_json:
        click.echo(msgspec.json.encode(made))
        return
    click.echo(f"{made.path} holds the store up to journal row {made.seq} ({made.bytes / 1e6:.1f} MB), and reads back.")
    if gone:
        click.echo(f"{len(gone)} old backups were deleted.")


def _spare_bytes(config: Config, folder: Path) -> int:
    """What a copy must leave free: on the disk of the store, the room without which selling stops."""
    there = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    is_same_disk = there.stat().st_dev == config.data_path.stat().st_dev
    return DiskLimits().stop_bytes if is_same_disk else 0


def _drill(config: Config, folder: Path | None, *, as_json: bool) -> None:
    result = drill(folder or config.backup_path)
    if as_json:
        click.echo(msgspec.json.encode(result))
    if result.problem:
        again = hint(config, "backup", *(("--to", str(folder.absolute())) if folder else ()))
        raise Stop(
            f"The restore drill failed: {result.problem} Take a new backup (`{again}`), then try again.", BAD_DATA
        )
    if not as_json:
        click.echo(f"{result.backup} could be restored: {result.rows} journal rows, and the state follows from them.")


def _list(config: Config, *, as_json: bool) -> None:
    found = copies.listed(config.backup_path)
    if as_json:
        click.echo(msgspec.json.encode(found))
        return
    for one in found:
        click.echo(f"{one.taken_at}  row {one.seq:>8}  {one.bytes / 1e6:8.1f} MB  {one.path}")
    if not found:
        click.echo(f"There are no backups in {config.backup_path}.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="What was done as JSON.")
@takes_config()
def restore(config: Config, file: Path, yes: bool, as_json: bool) -> None:
    """Put a backup in the place of the store. What is there now is set aside, never deleted.

    The server must be stopped.
    """
    if not file.exists():
        listing = hint(config, "backup", "--list")
        raise Stop(f"{file} is not there. `{listing}` shows what is. Nothing was changed.", NO_INPUT)
    chosen = copies.describe(file.absolute())
    if not yes:
        age = datetime.now(UTC) - datetime.fromisoformat(chosen.taken_at)
        click.confirm(
            f"The backup was taken {age.total_seconds() / 3600:.1f} hours ago (journal row {chosen.seq}); what was "
            f"sold since is not in it. Put it in the place of the store in {config.data_path}?",
            abort=True,
            err=True,
        )
    make_folder(config.data_path)
    lock = StoreLock(config.store_path.with_suffix(".lock"))
    lock.take()
    try:
        aside = copies.restore(chosen, config.store_path)
    finally:
        lock.release()
    if as_json:
        click.echo(json.dumps({"restored": str(chosen.path), "seq": chosen.seq, "set_aside": str(aside or "")}))
        return
    click.echo(f"The store is now that of {chosen.taken_at}, journal row {chosen.seq}.")
    if aside:
        click.echo(f"What was there before lies in {aside}.")
