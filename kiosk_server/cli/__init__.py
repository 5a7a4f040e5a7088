"""The command line: `kiosk-server serve`, `demo`, `terminal add` and the rest. `kiosk-server --help` lists them.

Each command is loaded when it is asked for, so that none waits for another's imports.
"""

import importlib
import sys
import traceback
from collections.abc import Sequence

import click

from kiosk_server import __version__
from kiosk_server.cli.exits import NO_INPUT, SOFTWARE, USAGE, Stop, faults_explained

# name -> (module, attribute, one line of help)
COMMANDS = {
    "serve": ("serving", "serve", "Run the server."),
    "demo": ("demo", "demo", "Run a store to try things in, with simulated customers."),
    "doctor": ("doctor", "doctor", "Look at this machine and say what would hinder a store."),
    "network": ("network", "network", "Say who would get in, and why."),
    "terminal": ("terminals", "terminal", "Enrol, list and retire terminals."),
    "staff": ("staff", "staff", "Add and retire people, and let them in."),
    "tls": ("tls", "tls", "Make certificates for TLS in front of the server."),
    "catalog": ("catalog", "catalog", "Put items into the catalog."),
    "promotions": ("promotions", "promotions", "Put promotions in force, and list them."),
    "journal": ("journal", "journal", "Read the journal."),
    "verify": ("journal", "verify", "Prove that the journal is whole and the state follows from it."),
    "backup": ("backups", "backup", "Copy the store while it runs."),
    "archive": ("archives", "archive", "Write closed days into files that prove themselves."),
    "restore": ("backups", "restore", "Put a backup in the place of the store."),
    "config": ("settings", "config", "Show every setting and where its value came from."),
}


class Commands(click.Group):
    """A group whose members are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command = getattr(importlib.import_module(f"kiosk_server.cli.{module}"), attribute)
        assert isinstance(command, click.Command)  # noqa: S101 - the table above is checked by a test
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in COMMANDS.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kiosk-server")
def program() -> None:
    """One back-office box that runs every terminal of a store over the LAN.

    Settings come from /etc/kiosk-server/config.toml, ~/.config/kiosk-server/config.toml, --config, KIOSK_* variables
    and flags, later ones winning; `kiosk-server config show` tells which.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """One command's exit code; what went wrong stands on stderr."""
    try:
        with faults_explained():
            outcome = program.main(args=arguments, prog_name="kiosk-server", standalone_mode=False)
    except Stop as stop:
        click.echo(f"kiosk-server: {stop}", err=True)
        return stop.code
    except click.FileError as error:
        click.echo(f"kiosk-server: {error.format_message()}", err=True)
        return NO_INPUT
    except click.ClickException as error:
        error.show()
        return USAGE
    except click.Abort:
        return 130
    except Exception:  # noqa: BLE001 - the last door: everything that is foreseen has its sentence above
        traceback.print_exc()
        click.echo(
            "kiosk-server: this is a fault of the program, not yours. Nothing more was done. "
            "The lines above say where; please report them.",
            err=True,
        )
        return SOFTWARE
    return outcome if isinstance(outcome, int) else 0


__all__ = ["main", "program", "run"]
