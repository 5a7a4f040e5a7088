"""`kiosk-server demo`: a store to try things in, alive from the first second."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import zoneinfo
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console

from kiosk_server.addresses import is_loopback_url, private_addresses
from kiosk_server.app import Kiosk
from kiosk_server.cli.demo_crowd import Crowd
from kiosk_server.cli.demo_store import DemoTerminal, for_simulation, seed, store_plan, to_try
from kiosk_server.cli.exits import UNAVAILABLE, Stop
from kiosk_server.cli.options import load_config
from kiosk_server.cli.serving import run
from kiosk_server.config import DEFAULT_PORT, Config, samples_dir
from kiosk_server.logs import start_logging
from kiosk_server.note import ServerNote

PORTS = range(DEFAULT_PORT, DEFAULT_PORT + 20)


@click.command()
@click.option("--config", "config_files", multiple=True, metavar="FILE", help="A file of settings.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Any setting.")
@click.option("--data-dir", metavar="DIR", help="Where the demo store lives; var/demo in a checkout.")
@click.option("--listen", multiple=True, metavar="HOST:PORT", help="Instead of every private address.")
@click.option("--crowd/--no-crowd", "has_crowd", default=True, help="With or without simulated customers.")
@click.option(
    "--browser/--no-browser", "wants_browser", default=True, help="Open the console where there is a display."
)
def demo(  # noqa: PLR0917 - click hands them over by name
    config_files: tuple[str, ...],
    settings: tuple[str, ...],
    data_dir: str | None,
    listen: tuple[str, ...],
    has_crowd: bool,
    wants_browser: bool,
) -> None:
    """Run a demo store: 6 lanes, 4 stalls, 4 pumps, a kitchen, and people in it.

    It listens on this machine's private addresses only, and keeps nothing of a real store. Ctrl-C ends it.
    """
    began_s = time.monotonic()
    folder = data_dir or os.environ.get("KIOSK_DATA_DIR") or str(default_folder())
    flags: dict[str, Any] = {"data_dir": folder, "listen": listen, "is_demo": True}
    config = demo_config(load_config(config_files, settings, dict(flags)))
    terminals = seed(config)
    config = with_addresses(config)
    log_path = config.data_path / "server.log"
    with log_path.open("a", encoding="utf-8") as log_file, Crowd(config.data_path, for_simulation(terminals)) as crowd:
        start_logging(config.log_level, log_file)

        def on_ready(note: ServerNote, kiosk: Kiosk) -> None:
            if has_crowd:
                crowd.come(note.url)
            has_opened = wants_browser and open_browser(f"{note.url}/signin?code={kiosk.first_code()}")
            tell(note, kiosk.first_code(), to_try(terminals), has_opened=has_opened)
            click.echo(f"Ready in {time.monotonic() - began_s:.1f} s. Log: {log_path}. Ctrl-C ends it.")

        run(config, on_ready, crowd.leave)
    click.echo(f"\nClosed. The demo store stays in {config.data_path}.")


def default_folder() -> Path:
    """var/demo of a checkout; from a wheel, beside the user's other state."""
    samples = samples_dir()
    if samples.name == "config":
        return samples.parent / "var" / "demo"
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "kiosk-server" / "demo"


def demo_config(config: Config) -> Config:
    """What the demo decides where nobody else has: its name and place, its devices and codes, what receipts say."""
    plan = store_plan()
    wanted = {
        "store": {"name": plan["name"], "currency": plan["currency"], "zone": host_zone()},
        "printer": plan["printer"],
        "receipt": plan["receipt"],
        "card": plan["card"],
        "codes": plan["codes"],
        "scale": plan["scale"],
    }
    if any(config.origins[f"printer.{key}"] != "default" for key in wanted["printer"]):
        wanted["printer"] = {}  # a printer of the person's own; ours would be named by nothing
    for table, values in wanted.items():
        chosen = {key: value for key, value in values.items() if config.origins[f"{table}.{key}"] == "default"}
        before = getattr(config, table)
        after = msgspec.convert({**msgspec.structs.asdict(before), **chosen}, type(before))
        config = msgspec.structs.replace(config, **{table: after})
    return config


def with_addresses(config: Config) -> Config:
    """Where the demo listens and whom it lets in, where nobody else has decided. After the store was found free."""
    from msgspec.structs import replace  # noqa: PLC0415

    if not config.listen:
        hosts = ("127.0.0.1", *private_addresses())
        port = free_port(hosts)
        if port != DEFAULT_PORT:
            click.echo(f"Port {DEFAULT_PORT} is taken, so this is port {port} (--listen chooses another).")
        config = replace(config, listen=tuple(f"{host}:{port}" for host in dict.fromkeys(hosts)))
    if config.origins["mode"] == "default":
        is_local = all(host.startswith("127.") or host == "::1" for host, _ in config.addresses)
        config = replace(config, mode="private" if is_local else "lan")
    return config


def host_zone() -> str:
    """This machine's time zone by its IANA name, UTC where it has none."""
    with contextlib.suppress(OSError, ValueError, zoneinfo.ZoneInfoNotFoundError):
        name = str(Path("/etc/localtime").resolve()).partition("/zoneinfo/")[2]
        return zoneinfo.ZoneInfo(name).key
    return "UTC"


def free_port(hosts: tuple[str, ...]) -> int:
    """The first port from 8080 on that is free on all of these addresses. Raises Stop."""
    for port in PORTS:
        with contextlib.ExitStack() as sockets, contextlib.suppress(OSError):
            for host in hosts:
                sock = sockets.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                sock.bind((host, port))
                sock.listen(1)
            return port
    raise Stop(
        f"Ports {PORTS[0]} to {PORTS[-1]} are all taken. The demo did not start. Name one: --listen 127.0.0.1:9000",
        UNAVAILABLE,
    )


def open_browser(url: str) -> bool:
    """Open the user's browser if there is a display and a way to; whether it was tried."""
    has_display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    opener = shutil.which("xdg-open")
    if not has_display or opener is None:
        return False
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        subprocess.Popen([opener, url], start_new_session=True, **quiet)  # type: ignore[call-overload]  # noqa: S603
    except OSError:
        return False
    return True


def tell(note: ServerNote, code: str, terminals: tuple[DemoTerminal, ...], *, has_opened: bool) -> None:
    """Where everything is, for people."""
    best = note.urls[0]
    signin = f"{best}/signin?code={code}"
    out = Console(highlight=False, soft_wrap=True)
    out.print(f"\n[bold]{store_plan()['name']}[/] is open at " + "  ".join(note.urls))
    if not has_opened:
        _show_qr(signin)
    out.print(f"\n[bold]Console[/] (sign in once, within 15 minutes)\n  {signin}")
    out.print("\n[bold]Terminals to try[/], each in a tab of its own; the others are busy with simulated customers")
    for one in terminals:
        out.print(f"  {one.kind.value:<8} {one.name:<4} {best}/enrol/{one.token}")
    if not any(not is_loopback_url(url) for url in note.urls):
        out.print("\nThis machine has no private address, so only it can reach the store.")
    out.print()


def _show_qr(text: str) -> None:
    import segno  # noqa: PLC0415

    # A terminal that cannot print the blocks gets the address alone.
    with contextlib.suppress(UnicodeEncodeError):
        segno.make(text, error="l").terminal(out=sys.stdout, compact=True)
