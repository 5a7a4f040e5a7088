"""Every setting is one field, here or in `config_rows.py`: its name, type, default and help. Nothing else knows what
can be set.

Values come from, later ones winning: the default, /etc/kiosk-server/config.toml, the user's own file under
XDG_CONFIG_HOME, the file given with --config, the environment (`KIOSK_` and the name in capitals, dots as
underscores), and flags.
Each value remembers where it came from. A key that no field explains is an error, never ignored: a mistyped
`data_dir` would otherwise open a second, empty store.
"""

import difflib
import os
import tomllib
import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from kiosk_server.config_rows import (
    BackupConfig,
    CardConfig,
    CodesConfig,
    LaneConfig,
    LimitsConfig,
    NetworkConfig,
    PrinterConfig,
    ReceiptConfig,
    ScaleConfig,
    StoreConfig,
    doc,
)
from kiosk_server.domain import opening
from kiosk_server.domain.in_store import BadRule, rules_of
from kiosk_server.domain.lane_rules import NO_SCALE, LaneRules
from kiosk_server.domain.policy import CardRules, CodeRules, Policy, PrintRules, ReceiptRules
from kiosk_server.hardware.printer import parse_printer
from kiosk_server.hardware.scale import parse_scale

__all__ = [
    "BY_NAME",
    "DEFAULT_PORT",
    "SETTINGS",
    "Config",
    "ConfigError",
    "LimitsConfig",
    "NetworkConfig",
    "Setting",
    "load",
    "parse_address",
    "samples_dir",
]

ENVIRONMENT_PREFIX = "KIOSK_"
SYSTEM_FILE = Path("/etc/kiosk-server/config.toml")
DEFAULT_PORT = 8080


class ConfigError(Exception):
    """The configuration cannot be used. The text names the key, where it stands, and what to write instead."""


Mode = Literal["private", "lan", "public"]
LogLevel = Literal["debug", "info", "warning", "error"]


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings, frozen. `origins` names where each value came from, by dotted name."""

    data_dir: Annotated[Path | None, doc("Where the store lives: a local disk, writable by the server alone.")] = None
    listen: Annotated[
        tuple[str, ...],
        doc("Addresses as host:port. Unset: loopback in mode private or public, all interfaces in mode lan."),
    ] = ()
    mode: Annotated[
        Mode,
        doc("private: this machine only. lan: the networks allowed below. public: anyone, through a trusted proxy."),
    ] = "private"
    public_names: Annotated[tuple[str, ...], doc("Further host names under which terminals reach this server.")] = ()
    log_level: Annotated[LogLevel, doc("Least severity that is logged.")] = "info"
    metrics_public: Annotated[bool, doc("Serve /metrics beyond this machine.")] = False
    is_demo: Annotated[bool, doc("A store to try things in: simulated customers may run.")] = False
    network: NetworkConfig = NetworkConfig()
    store: StoreConfig = StoreConfig()
    limits: LimitsConfig = LimitsConfig()
    backup: BackupConfig = BackupConfig()
    printer: PrinterConfig = PrinterConfig()
    receipt: ReceiptConfig = ReceiptConfig()
    card: CardConfig = CardConfig()
    lane: LaneConfig = LaneConfig()
    scale: ScaleConfig = ScaleConfig()
    codes: CodesConfig = CodesConfig()
    origins: dict[str, str] = msgspec.field(default_factory=dict)

    @property
    def data_path(self) -> Path:
        """The data directory, decided."""
        return self.data_dir or default_data_dir(os.environ)

    @property
    def store_path(self) -> Path:
        """The SQLite file; its lock, log and head lie beside it."""
        return self.data_path / "store.db"

    @property
    def backup_path(self) -> Path:
        return self.backup.dir or self.data_path / "backups"

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """(host, port) pairs to listen on; port 0 takes a free one."""
        if self.listen:
            return tuple(parse_address(text) for text in self.listen)
        # All interfaces rather than a list of addresses: the server must survive a new DHCP lease, and the guard
        # closes a stranger's connection before a byte of it is read.
        return (("0.0.0.0" if self.mode == "lan" else "127.0.0.1", DEFAULT_PORT),)  # noqa: S104

    @property
    def policy(self) -> Policy:
        """The house rules that the domain asks for."""
        store = self.store
        return Policy(
            store_name=store.name,
            currency=store.currency,
            zone=store.zone,
            languages=store.languages,
            tax_rates_bp=store.tax_rates_bp,
            day_starts_at_h=store.day_starts_at_h,
            unpaid_per_point=store.unpaid_per_point,
            is_demo=self.is_demo,
            printing=PrintRules(printers=tuple(self.printer.addresses), by_terminal=self.printer.terminals),
            receipt=msgspec.convert(self.receipt, ReceiptRules, from_attributes=True),
            codes=CodeRules(**msgspec.structs.asdict(self.codes)),
            cards=CardRules(by_terminal=dict(self.card.readers)),
            lane=LaneRules(
                **msgspec.structs.asdict(self.lane),
                produce_scales=self.scale.produce,
                bagging_scales=self.scale.bagging,
            ),
        )


class Setting(msgspec.Struct, frozen=True):
    """One row: `name` is dotted as in the file's tables, `default` a plain value, `variable` its environment name."""

    name: str
    type: Any
    default: Any
    help: str

    @property
    def variable(self) -> str:
        return ENVIRONMENT_PREFIX + self.name.replace(".", "_").upper()


def _rows(kind: type[msgspec.Struct], prefix: str = "") -> Iterator[Setting]:
    hints = get_type_hints(kind, include_extras=True)
    blank = kind()
    for field in msgspec.structs.fields(kind):
        hint, default = hints[field.name], getattr(blank, field.name)
        if isinstance(default, msgspec.Struct):
            yield from _rows(type(default), f"{prefix}{field.name}.")
        elif get_origin(hint) is Annotated:
            inner, *metas = get_args(hint)
            text = next(m.description for m in metas if isinstance(m, Meta) and m.description)
            yield Setting(prefix + field.name, inner, default, text)


SETTINGS: tuple[Setting, ...] = tuple(_rows(Config))
BY_NAME = {row.name: row for row in SETTINGS}


def default_data_dir(environ: Mapping[str, str]) -> Path:
    """systemd's StateDirectory, /var/lib for root or where it can be written, else the user's own state."""
    if environ.get("STATE_DIRECTORY"):
        return Path(environ["STATE_DIRECTORY"].split(":")[0])
    system = Path("/var/lib/kiosk-server")
    if os.geteuid() == 0 or os.access(system, os.W_OK):
        return system
    state = environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "kiosk-server"


def samples_dir() -> Path:
    """The commented samples and the demo store: inside the wheel, or beside the package in a checkout."""
    package = Path(__file__).parent
    packed = package / "config_samples"
    return packed if packed.is_dir() else package.parent / "config"


def parse_address(text: str) -> tuple[str, int]:
    """`host:port`, `[::1]:8080`, `:8080` (all interfaces) or `host` with the usual port; raises ConfigError."""
    host, colon, port = text.strip().rpartition(":")
    if not colon or text.strip().endswith("]"):
        host, port = text.strip(), str(DEFAULT_PORT)
    host = host.removeprefix("[").removesuffix("]") or "0.0.0.0"  # noqa: S104
    if not (port.isascii() and port.isdigit() and int(port) < 65_536) or " " in host:
        raise ConfigError(f"{text!r} is no address to listen on. Write host:port, for example 127.0.0.1:8080.")
    return host, int(port)


def load(
    *,
    files: Sequence[Path] = (),
    environ: Mapping[str, str] | None = None,
    flags: Mapping[str, object] | None = None,
) -> Config:
    """The configuration from all its sources; `files` are those given by hand and must exist. Raises ConfigError.

    `flags` maps dotted names to values (strings are parsed as in the environment; None means not given).
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    origins = {row.name: "default" for row in SETTINGS}
    for path, is_required in (*((p, False) for p in usual_files(environ)), *((p, True) for p in files)):
        if is_required or path.is_file():
            _merge(values, origins, _read_file(path), str(path))
    _merge(values, origins, _read_environment(environ), "environment")
    given = {name: value for name, value in (flags or {}).items() if value is not None and value != ()}
    _merge(values, origins, {n: _parse(_row(n, "flag"), v) for n, v in given.items()}, "flag")
    return _build(values, origins)


def usual_files(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The files read without being asked for, weakest first."""
    home = environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return SYSTEM_FILE, Path(home) / "kiosk-server" / "config.toml"


def _merge(values: dict[str, Any], origins: dict[str, str], found: Mapping[str, Any], origin: str) -> None:
    for name, value in found.items():
        values[name] = value
        origins[name] = f"environment {BY_NAME[name].variable}" if origin == "environment" else origin


def _read_file(path: Path) -> dict[str, Any]:
    try:
        tree = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"The configuration file {path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}. Nothing was started; mend that line.") from error
    return {_row(name, str(path)).name: value for name, value in _flatten(tree)}


def _flatten(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    sections = {row.name.rpartition(".")[0] for row in SETTINGS} - {""}
    for key, value in tree.items():
        if isinstance(value, dict) and prefix + key in sections:
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _row(name: str, where: str) -> Setting:
    if name in BY_NAME:
        return BY_NAME[name]
    raise ConfigError(f"{where}: there is no setting {name!r}.{_guess(name)} `kiosk-server config show` lists all.")


def _guess(name: str) -> str:
    close = difflib.get_close_matches(name, BY_NAME, n=1, cutoff=0.6)
    # A right name in the wrong table is the commonest slip: `allow` for `network.allow`.
    close = close or [row.name for row in SETTINGS if row.name.rpartition(".")[2] == name.rpartition(".")[2]]
    return f" Did you mean {close[0]!r}?" if close else ""


def _read_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    by_variable = {row.variable: row for row in SETTINGS}
    found = {}
    for variable, text in sorted(environ.items()):
        if variable in by_variable:
            found[by_variable[variable].name] = _parse(by_variable[variable], text)
        elif variable.startswith(ENVIRONMENT_PREFIX):
            # The prefix is not ours alone, so only what looks like a slip of ours stops the start.
            close = difflib.get_close_matches(variable, by_variable, n=1, cutoff=0.8)
            if close:
                raise ConfigError(f"environment: there is no setting {variable}. Did you mean {close[0]}?")
    return found


TRUTHS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def _parse(row: Setting, value: object) -> object:
    """A string of the environment or a flag as the plain value the file would hold."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if Path in (row.type, *get_args(row.type)) and not text:
        raise ConfigError(f"{row.variable} is empty, so it names no folder. Name one, or take the variable away.")
    if row.type is bool:
        if text.lower() not in TRUTHS:
            raise ConfigError(f"{row.variable}={value!r}: write true or false.")
        return TRUTHS[text.lower()]
    if row.type is int:
        return int(text) if text.removeprefix("-").isdecimal() and text.isascii() else text
    if isinstance(row.default, tuple) and not text.startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    if isinstance(row.default, tuple | dict):
        try:
            return tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{row.variable}={value!r} is no TOML value: {error}.") from error
    return text


def _build(values: Mapping[str, Any], origins: Mapping[str, str]) -> Config:
    tree: dict[str, Any] = {}
    for name, value in values.items():
        section, _, key = name.rpartition(".")
        (tree.setdefault(section, {}) if section else tree)[key] = value
        # Field by field first, so that the error can name the origin of the one value that is wrong.
        _check(name, value, origins[name])
    tree["origins"] = dict(origins)
    config = _convert(tree, Config)
    for text in config.listen:
        parse_address(text)
    try:
        zoneinfo.ZoneInfo(config.store.zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigError(f"store.zone = {config.store.zone!r} is no time zone (like Europe/Berlin).") from error
    _check_hours(config.lane.hours)
    _check_printers(config.printer)
    _check_scales(config.scale)
    try:
        rules_of(config.codes.in_store)
    except BadRule as bad:
        raise ConfigError(f"{origins['codes.in_store']}: codes.in_store cannot be used: {bad}.") from bad
    if "virtual" in config.card.readers.values() and not config.is_demo:
        raise ConfigError(
            f"{origins['card.readers']}: card.readers names a virtual reader, which lets people leave without having "
            "paid. Write is_demo = true if this is a store to try things in, or take the reader away."
        )
    return config


def _check_printers(printers: PrinterConfig) -> None:
    for name, address in printers.addresses.items():
        try:
            parse_printer(address)
        except ValueError as error:
            raise ConfigError(f"printer.addresses: {name} cannot be used, because {error}.") from error
    for terminal, name in printers.terminals.items():
        if name not in printers.addresses:
            known = ", ".join(printers.addresses) or "none"
            raise ConfigError(
                f"printer.terminals: {terminal} prints at {name!r}, which printer.addresses does not name ({known})."
            )


def _check_hours(hours: Mapping[str, str]) -> None:
    found = opening.faults(hours)
    if found:
        raise ConfigError(f"lane.hours cannot be used: {'; '.join(found)}.")


def _check_scales(scales: ScaleConfig) -> None:
    seen: dict[str, str] = {}
    for plate, by_lane in (("produce", scales.produce), ("bagging", scales.bagging)):
        for lane, text in by_lane.items():
            where = f"scale.{plate}: {lane}"
            if text == NO_SCALE:
                continue
            try:
                device = parse_scale(text).device
            except ValueError as error:
                raise ConfigError(f"{where} cannot be used, because {error}.") from error
            if device and lane == "*":
                raise ConfigError(f"{where} names {device} for all lanes at once; name each lane with its own device.")
            if device and device in seen:
                raise ConfigError(f"{where} names {device}, and so does {seen[device]}; each plate has its own device.")
            seen[device] = where


def _check(name: str, value: object, origin: str) -> None:
    section, _, key = name.rpartition(".")
    try:
        _convert({section: {key: value}} if section else {key: value}, Config)
    except msgspec.ValidationError as error:
        reason = str(error).split(" - at ")[0] + _choices(BY_NAME[name])
        raise ConfigError(f"{origin}: {name} = {value!r} cannot be used: {reason}. {BY_NAME[name].help}") from error


def _choices(row: Setting) -> str:
    """What may be written, for settings that have a few fixed values."""
    return f" (write one of: {', '.join(get_args(row.type))})" if get_origin(row.type) is Literal else ""


def _convert(tree: object, kind: type[Config]) -> Config:
    return msgspec.convert(tree, kind, dec_hook=lambda wanted, value: wanted(str(value)))
