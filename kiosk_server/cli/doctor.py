"""`kiosk-server doctor`: what on this machine would hinder a store, said before the first customer finds it."""

import os
import platform
import sqlite3
import ssl
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from functools import partial
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from kiosk_server import __version__
from kiosk_server.app import guard_settings
from kiosk_server.cli.exits import UNAVAILABLE, Stop
from kiosk_server.cli.office import running_server
from kiosk_server.cli.options import hint, takes_config
from kiosk_server.config import Config, samples_dir
from kiosk_server.domain.printing import PrintOutcome
from kiosk_server.edge.guard_interfaces import read_machine
from kiosk_server.edge.guard_settings import GuardError
from kiosk_server.hardware.print_dialogue import EscPosPrinter, Health
from kiosk_server.hardware.printer import Way, parse_printer
from kiosk_server.hardware.printer_lines import dial
from kiosk_server.store.backup import listed
from kiosk_server.store.connection import connect
from kiosk_server.store.db import DiskLimits
from kiosk_server.store.drill import last_drill
from kiosk_server.store.faults import StoreFault
from kiosk_server.store.opening import check_readable, look
from kiosk_server.store.tidemark import Tidemark

FSYNC_SLOW_MS = 50.0
# No flash answers a sync below this (power-loss protected ones: about 20 us); what is quicker has written nothing.
FSYNC_HONEST_MS = 0.01
FSYNC_ROUNDS = 20
BACKUP_OLD_S = 2 * 3600
BACKUP_TOO_OLD_S = 26 * 3600
DRILL_OLD_S = 50 * 3600
CERTIFICATE_SOON_S = 30 * 24 * 3600
IN_MEMORY = frozenset({"tmpfs", "ramfs", "rootfs"})
# Before 3.51.3 two connections that write or checkpoint can damage a WAL file; we have only ever one.
SQLITE_FIXED = (3, 51, 3)
# Network file systems whose locks or shared memory SQLite cannot trust (statfs(2), by their names in /proc/mounts).
REMOTE = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "ceph", "glusterfs"})


class Finding(msgspec.Struct, frozen=True):
    """One look. `verdict` is ok, note or bad; bad means that a store should not run like this."""

    what: str
    verdict: str
    text: str


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON array of findings.")
@takes_config("listen")
def doctor(config: Config, as_json: bool) -> None:
    """Look at this machine and say what would hinder a store. Changes nothing; exit 69 when something is bad."""
    findings = [finding for look in LOOKS for finding in look(config)]
    if as_json:
        click.echo(msgspec.json.encode(findings))
    else:
        # Nothing is cut off and nothing is read as markup: a text may hold a command to take.
        table = Table("", "", Column(overflow="fold"), box=None, show_header=False)
        colours = {"ok": "green", "note": "yellow", "bad": "bold red"}
        for one in findings:
            table.add_row(f"[{colours[one.verdict]}]{one.verdict:<4}", one.what, escape(one.text))
        Console().print(table)
    bad = [one.what for one in findings if one.verdict == "bad"]
    if bad:
        raise Stop(f"{len(bad)} things need mending: {', '.join(bad)}.", UNAVAILABLE)


def _versions(_: Config) -> Iterator[Finding]:
    text = f"Kiosk Server {__version__}, Python {platform.python_version()}, {platform.platform()}"
    yield Finding("versions", "ok", text)
    has_screens = (Path(__file__).parents[1] / "static" / "app" / "manifest.json").is_file()
    yield (
        Finding("screens", "ok", "built")
        if has_screens
        else Finding("screens", "bad", "not built: install the wheel, or run `python hatch_build.py` in the checkout")
    )
    if not samples_dir().is_dir():
        yield Finding("samples", "note", "the demo store is missing from this installation")


def _data_directory(config: Config) -> Iterator[Finding]:
    folder = config.data_path
    if not folder.exists():
        parent = next(one for one in folder.parents if one.exists())
        can = os.access(parent, os.W_OK)
        text = f"{folder} is not there yet; " + ("the first start makes it" if can else f"{parent} cannot be written")
        yield Finding("data directory", "ok" if can else "bad", text)
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        yield Finding("data directory", "bad", f"{folder} cannot be written by this user")
        return
    is_open = folder.stat().st_mode & 0o077
    text = f"{folder}" + (f" can be read by others; chmod 700 {folder}" if is_open else "")
    yield Finding("data directory", "note" if is_open else "ok", text)
    kind = _file_system(folder)
    if kind in REMOTE:
        yield Finding("file system", "bad", f"{kind} is remote; SQLite's locks need a local disk: move {folder} to one")
    elif kind in IN_MEMORY:
        yield Finding("file system", "bad", f"{kind} is memory: all is gone with the power; move {folder} to a disk")
    else:
        yield Finding("file system", "ok", kind)
    yield _disk(folder)
    yield _fsync(folder)


def _disk(folder: Path) -> Finding:
    disk, limits = os.statvfs(folder), DiskLimits()
    free = disk.f_bavail * disk.f_frsize
    if free < limits.stop_bytes:
        text = f"{free >> 20} MiB free: selling stops under {limits.stop_bytes >> 20} MiB; make room on {folder}"
        return Finding("disk", "bad", text)
    if free < limits.warn_bytes:
        return Finding("disk", "note", f"{free >> 20} MiB free: make room on {folder} before selling stops")
    return Finding("disk", "ok", f"{free >> 20} MiB free")


def _fsync(folder: Path) -> Finding:
    """What one commit waits for the disk, and whether the disk can have done what it says."""
    took_ms = []
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            for _ in range(FSYNC_ROUNDS):
                os.write(file.fileno(), b"x" * 4096)
                began = time.perf_counter()
                os.fsync(file.fileno())
                took_ms.append((time.perf_counter() - began) * 1000)
    except OSError as error:
        text = f"nothing can be written ({error.strerror}), so nothing can be sold"
        return Finding("fsync", "bad", f"{text}: make room on {folder}, or mend its disk")
    return judge_fsync(sorted(took_ms)[len(took_ms) // 2], max(took_ms))


def judge_fsync(median_ms: float, most_ms: float) -> Finding:
    """What the measured times mean."""
    text = f"{median_ms:.2f} ms in the median, {most_ms:.2f} ms at most"
    if median_ms < FSYNC_HONEST_MS:
        return Finding(
            "fsync",
            "bad",
            f"{text}: no disk is so quick, so writes are not on it when it says so, and a power cut takes sales with "
            "it. Use a real disk; in a virtual machine, turn off the host's unsafe write cache",
        )
    if median_ms > FSYNC_SLOW_MS:
        return Finding("fsync", "note", f"{text}: every answer waits that long; use flash instead of a spinning disk")
    return Finding("fsync", "ok", text)


def _file_system(folder: Path) -> str:
    best = ("", "unknown")
    with open("/proc/mounts", encoding="utf-8", errors="replace") as mounts:
        for line in mounts:
            _, where, kind, *_ = line.split()
            if folder.resolve().is_relative_to(where) and len(where) >= len(best[0]):
                best = (where, kind)
    return best[1]


def _sqlite(_: Config) -> Iterator[Finding]:
    text = f"SQLite {sqlite3.sqlite_version}"
    if sqlite3.sqlite_version_info < SQLITE_FIXED:
        text += "; its WAL flaw does not touch us (one writing connection), but nothing else may write the file"
    yield Finding("sqlite", "ok", text)


def _store(config: Config) -> Iterator[Finding]:
    path = config.store_path
    try:
        is_read_whole = look(path, config.backup_path, Tidemark(path.with_suffix(".head")))
        if not path.exists():
            yield Finding("store", "ok", "none yet; the first start makes it")
            return
        check_readable(path)
        with closing(connect(path, "ro")) as driver:
            seq = driver.execute("SELECT coalesce(max(seq), 0) FROM journal").fetchone()[0]
    except (StoreFault, sqlite3.Error) as error:
        yield Finding("store", "bad", str(error))
        return
    text = f"journal row {seq}, {path.stat().st_size / 1e6:.0f} MB"
    whole = "" if is_read_whole else f"; too large to read here: `{hint(config, 'verify')}`"
    yield Finding("store", "ok", f"{text}{whole}")
    note = running_server(config)
    yield (
        Finding("server", "ok", f"process {note.pid} at {note.url}") if note else Finding("server", "ok", "not running")
    )
    yield _backup(config)
    yield _drill(config)


def _backup(config: Config) -> Finding:
    newest = next((one for one in listed(config.backup_path) if not one.note), None)
    timer = f"run `{hint(config, 'backup')}`, and see that kiosk-server-backup.timer is enabled"
    if newest is None:
        return Finding("backup", "note", f"none in {config.backup_path}; {timer}")
    age_s = time.time() - datetime.fromisoformat(newest.taken_at).timestamp()
    text = f"{newest.name}, {age_s / 3600:.1f} hours old"
    if age_s <= BACKUP_OLD_S:
        return Finding("backup", "ok", text)
    return Finding("backup", "bad" if age_s > BACKUP_TOO_OLD_S else "note", f"{text}; {timer}")


def _drill(config: Config) -> Finding:
    last = last_drill(config.backup_path)
    timer = f"run `{hint(config, 'backup', '--drill')}`, and see that kiosk-server-drill.timer is enabled"
    if last is None:
        return Finding("restore drill", "note", f"never tried; {timer}")
    if last.problem:
        todo = f"Take a new backup (`{hint(config, 'backup')}`) and run the drill again"
        return Finding("restore drill", "bad", f"{last.problem} {todo}")
    age_s = time.time() - datetime.fromisoformat(last.at).timestamp()
    text = f"{last.backup} could be restored, tried {age_s / 3600:.1f} hours ago"
    return (
        Finding("restore drill", "note", f"{text}; {timer}")
        if age_s > DRILL_OLD_S
        else Finding("restore drill", "ok", text)
    )


def _certificate(config: Config) -> Iterator[Finding]:
    file = config.data_path / "tls" / "server.crt"
    if not file.exists():
        is_needed = config.mode == "public"
        text = (
            f"none; mode public needs TLS at the proxy: `{hint(config, 'tls', 'init')}`"
            if is_needed
            else "none; TLS is not used"
        )
        yield Finding("certificate", "note" if is_needed else "ok", text)
        return
    asked = ["openssl", "x509", "-noout", "-enddate", "-in", str(file)]
    try:
        said = subprocess.run(asked, capture_output=True, text=True, timeout=10, check=True).stdout  # noqa: S603
        ends = ssl.cert_time_to_seconds(said.strip().removeprefix("notAfter="))
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        todo = f"`{hint(config, 'tls', 'init')}` makes another"
        yield Finding("certificate", "bad", f"{file} cannot be read ({error}); {todo}")
        return
    left_s = ends - time.time()
    verdict = "bad" if left_s < 0 else "note" if left_s < CERTIFICATE_SOON_S else "ok"
    todo = f"; `{hint(config, 'tls', 'init')}` renews it" if verdict != "ok" else ""
    yield Finding("certificate", verdict, f"good until {time.strftime('%Y-%m-%d', time.gmtime(ends))}{todo}")


def _network(config: Config) -> Iterator[Finding]:
    try:
        for warning in guard_settings(config).warnings():
            yield Finding("network", "note", warning)
    except GuardError as error:
        yield Finding("network", "bad", f"{error} The server will not start")
    try:
        machine = read_machine()
    except OSError as error:
        yield Finding("interfaces", "bad", f"cannot be read: {error}; the guard would let in nobody new")
        return
    shown = ", ".join(f"{one.name} {one.address}" for one in machine.interfaces)
    yield Finding("interfaces", "ok" if machine.interfaces else "note", shown or "none")
    listening = ", ".join(f"{host}:{port}" for host, port in config.addresses)
    yield Finding("listen", "ok", f"{listening} (mode {config.mode})")


_PRINTER_TROUBLE = {
    PrintOutcome.PAPER_OUT: "has no paper: put a roll in",
    PrintOutcome.COVER_OPEN: "its cover is open: close it",
    PrintOutcome.OFFLINE: "has an error of its own: switch it off and on",
}


def _printers(config: Config) -> Iterator[Finding]:
    for name, text in config.printer.addresses.items():
        address = parse_printer(text)
        if address.way is Way.VIRTUAL:
            yield Finding(f"printer {name}", "ok", "virtual")
            continue
        yield _judge_printer(name, EscPosPrinter(partial(dial, address)).health(), text)


def _judge_printer(name: str, health: Health | None, address: str) -> Finding:
    if health is None:
        todo = "see whether it is switched on and connected; until then receipts fail"
        return Finding(f"printer {name}", "note", f"cannot be reached at {address}: {todo}")
    if health.trouble is not None:
        return Finding(f"printer {name}", "note", _PRINTER_TROUBLE[health.trouble])
    if not health.has_answered:
        return Finding(f"printer {name}", "ok", "is there, but never answers: what was sent to it counts as printed")
    if health.is_paper_low:
        return Finding(f"printer {name}", "note", "its paper runs low: have a new roll at hand")
    return Finding(f"printer {name}", "ok", "answers, and has paper")


def _clock(_: Config) -> Iterator[Finding]:
    now = time.time()
    newest_file = Path(__file__).stat().st_mtime
    if now < newest_file - 86_400:
        yield Finding("clock", "bad", f"{time.ctime(now)} is before this program was installed; set the clock")
        return
    text = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(now))
    if Path("/run/systemd/timesync/synchronized").exists():
        yield Finding("clock", "ok", f"{text}, synchronised")
    elif Path("/run/systemd/timesync").exists():
        yield Finding(
            "clock", "note", f"{text}, not synchronised: receipts may carry a wrong time; `timedatectl` tells why"
        )
    else:
        yield Finding("clock", "ok", f"{text}; whether it is synchronised cannot be seen from here")


LOOKS: tuple[Callable[[Config], Iterator[Finding]], ...] = (
    _versions,
    _data_directory,
    _sqlite,
    _store,
    _network,
    _certificate,
    _printers,
    _clock,
)
