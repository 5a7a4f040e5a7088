"""The options that every command has: where its settings come from."""

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from kiosk_server.cli.ownership import give_back
from kiosk_server.config import BY_NAME, ENVIRONMENT_PREFIX, Config, ConfigError, default_data_dir, load
from kiosk_server.hints import as_typed


def takes_config(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Hand the command its Config first; `names` are settings that get a flag of their own."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def with_config(config_files: tuple[str, ...], settings: tuple[str, ...], **others: Any) -> Any:
            flags = {name: others.pop(_parameter(name)) for name in ("data_dir", *names)}
            config = load_config(config_files, settings, flags)
            try:
                return command(config, **others)
            finally:
                give_back(config.data_path)

        wrapped: Callable[..., Any] = with_config
        for name in reversed(("data_dir", *names)):
            row = BY_NAME[name]
            wrapped = click.option(
                "--" + name.replace("_", "-").replace(".", "-"),
                _parameter(name),
                multiple=isinstance(row.default, tuple),
                help=row.help,
            )(wrapped)
        wrapped = click.option(
            "--set", "settings", multiple=True, metavar="NAME=VALUE", help="Any setting, e.g. store.name=Corner."
        )(wrapped)
        return click.option("--config", "config_files", multiple=True, metavar="FILE", help="A file of settings.")(
            wrapped
        )

    return decorate


def load_config(files: tuple[str, ...], settings: tuple[str, ...], flags: dict[str, Any]) -> Config:
    """All sources together; raises ConfigError or click.UsageError."""
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise click.UsageError(f"--set {setting}: write NAME=VALUE.")
        flags[name.strip()] = value
    return load(files=[Path(file) for file in files], flags=flags)


def hint(config: Config, *words: str) -> str:
    """A command to offer to people; it names the data directory of `config` unless it would find that by itself."""
    is_found = config.data_path.absolute() == _found_unnamed()
    return as_typed(*words, data_dir=None if is_found else config.data_path)


def _found_unnamed() -> Path | None:
    """Where a command looks that names nothing, in a shell without our variables; None where it would not start."""
    ours = (ENVIRONMENT_PREFIX, "STATE_DIRECTORY")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    try:
        return (load(environ=environ).data_dir or default_data_dir(environ)).absolute()
    except ConfigError:
        return None


def _parameter(name: str) -> str:
    return name.replace(".", "_")
