"""`kiosk-server serve`."""

from collections.abc import Callable
from functools import partial

import click

from kiosk_server.addresses import is_loopback_url
from kiosk_server.app import Kiosk
from kiosk_server.cli.exits import BAD_CONFIG, UNAVAILABLE, Stop
from kiosk_server.cli.options import hint, takes_config
from kiosk_server.config import Config
from kiosk_server.edge.guard_settings import GuardError
from kiosk_server.logs import start_logging
from kiosk_server.note import ServerNote
from kiosk_server.serve import CannotListen, run_server


@click.command()
@takes_config("listen", "mode", "log_level")
def serve(config: Config) -> None:
    """Run the server until SIGTERM or Ctrl-C.

    It answers when it has logged its addresses. Under systemd it says so itself (Type=notify) and takes its sockets.
    """
    start_logging(config.log_level)
    run(config, partial(greet, config))


def greet(config: Config, note: ServerNote, kiosk: Kiosk) -> None:
    """Where a new store gets its first owner. On standard output and never in the log, which is kept and sent on."""
    code = kiosk.welcome_code()
    if code is not None:
        best = next((url for url in note.urls if not is_loopback_url(url)), note.url)
        click.echo(
            f"\nThis store has no owner yet. Become it within 15 minutes, in the store's own network:\n\n"
            f"  {best}/welcome?code={code}\n\nLater, `{hint(config, 'staff', 'code')}` prints a new code.\n"
        )


def run(
    config: Config,
    on_ready: Callable[[ServerNote, Kiosk], None] = lambda _note, _kiosk: None,
    on_leaving: Callable[[], None] = lambda: None,
) -> None:
    """Serve as `run_server` does; what keeps it from starting becomes a Stop."""
    try:
        run_server(config, on_ready, on_leaving)
    except CannotListen as error:
        raise Stop(str(error), UNAVAILABLE) from error
    except GuardError as error:
        raise Stop(f"{error} The server did not start.", BAD_CONFIG) from error
