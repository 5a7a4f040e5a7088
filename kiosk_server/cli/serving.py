"""`kiosk-server serve`."""

import click

from kiosk_server.cli.exits import BAD_CONFIG, UNAVAILABLE, Stop
from kiosk_server.cli.options import takes_config
from kiosk_server.config import Config
from kiosk_server.edge.guard_settings import GuardError
from kiosk_server.logs import start_logging


@click.command()
@takes_config("listen", "mode", "log_level")
def serve(config: Config) -> None:
    """Run the server until SIGTERM or Ctrl-C.

    It answers when it has logged its addresses. Under systemd it says so itself (Type=notify) and takes its sockets.
    """
    start_logging(config.log_level)
    run(config)


def run(config: Config, **options: object) -> None:
    """Serve; what keeps it from starting becomes a Stop."""
    from kiosk_server.serve import CannotListen, run_server  # noqa: PLC0415

    try:
        run_server(config, **options)  # type: ignore[arg-type]
    except CannotListen as error:
        raise Stop(str(error), UNAVAILABLE) from error
    except GuardError as error:
        raise Stop(f"{error} The server did not start.", BAD_CONFIG) from error
