"""The options that every command has: where its settings come from."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from kiosk_server.cli.ownership import give_back
from kiosk_server.config import BY_NAME, Config, load


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


def _parameter(name: str) -> str:
    return name.replace(".", "_")
