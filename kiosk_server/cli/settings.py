"""`kiosk-server config`: what is set, by whom, and what could be."""

import textwrap

import click
import msgspec
from rich.console import Console
from rich.table import Table

from kiosk_server.cli.options import takes_config
from kiosk_server.config import SETTINGS, Config, Setting


@click.group()
def config() -> None:
    """Show every setting and where its value came from."""


@config.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object: name to value and origin.")
@takes_config("listen", "mode")
def show(config: Config, as_json: bool) -> None:
    """Every setting, its value, and where that came from."""
    rows = {row.name: (value_of(config, row), config.origins[row.name]) for row in SETTINGS}
    if as_json:
        shown = {name: {"value": value, "origin": origin} for name, (value, origin) in rows.items()}
        click.echo(msgspec.json.encode(shown, enc_hook=str))
        return
    if not Console().is_terminal:
        for name, (value, origin) in rows.items():
            click.echo(f"{name} = {as_toml(value)}  # {origin}")
        return
    table = Table("setting", "value", "from", box=None)
    for name, (value, origin) in rows.items():
        table.add_row(name, as_toml(value), origin, style="dim" if origin == "default" else "")
    Console().print(table)


@config.command()
def sample() -> None:
    """The commented sample file: every setting with its default."""
    click.echo(sample_toml(), nl=False)


def value_of(config: Config, row: Setting) -> object:
    """What is in force: for settings that are decided at start, the decision."""
    decided = {"data_dir": config.data_path, "backup.dir": config.backup_path}
    if row.name in decided:
        return str(decided[row.name])
    if row.name == "listen":
        return tuple(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in config.addresses)
    value: object = config
    for part in row.name.split("."):
        value = getattr(value, part)
    return value


def sample_toml() -> str:
    """config/kiosk.toml; a test keeps that file equal to this."""
    lines = [
        "# Every setting of Kiosk Server with its default, written by `kiosk-server config sample`.",
        "# Copy what you change to /etc/kiosk-server/config.toml. `kiosk-server config show` tells what is in force.",
    ]
    section = ""
    for row in SETTINGS:
        here, _, key = row.name.rpartition(".")
        if here != section:
            lines += ["", f"[{here}]"]
            section = here
        lines += ["", *textwrap.wrap(row.help, 116, initial_indent="# ", subsequent_indent="# ")]
        lines.append(f"# {key} = {as_toml(row.default)}" if row.default is not None else f'# {key} = "..."')
    return "\n".join(lines) + "\n"


def as_toml(value: object) -> str:
    """One value as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return f"[{', '.join(as_toml(part) for part in value)}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {as_toml(part)}' for key, part in value.items())} }}" if value else "{}"
    return str(value) if isinstance(value, int) else '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
