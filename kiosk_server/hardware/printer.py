"""What the store needs of a printer, and how the settings name one.

    tcp://192.168.1.50:9100                 raw TCP, as JetDirect and nearly every network printer takes it
    /dev/usb/lp0                            a device of this machine
    virtual                                 one of our own, whose roll the console shows

Each may end in `?columns=32` (characters a row; 42 where nothing is said) and `?letters=utf-8` or `?letters=gb18030`:
how it is told letters that no code page has, such as Chinese ones. Several are joined by `&`.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl, urlsplit

import msgspec

from kiosk_server.domain.printing import PrintOutcome
from kiosk_server.domain.typesetting import LEAST_COLUMNS

USUAL_PORT: Final = 9100
USUAL_COLUMNS: Final = 42
MOST_COLUMNS: Final = 96


class Way(StrEnum):
    """How bytes get to it."""

    NETWORK = "network"
    DEVICE = "device"
    VIRTUAL = "virtual"


class Letters(StrEnum):
    """How it is told letters beyond its code pages."""

    PAGES = "pages"  # not at all
    UTF_8 = "utf-8"
    GB18030 = "gb18030"


class PrinterAddress(msgspec.Struct, frozen=True, kw_only=True):
    """One printer as the settings name it. `host` and `port` for one in the network, `path` for a device."""

    way: Way
    host: str = ""
    port: int = 0
    path: str = ""
    columns: int = USUAL_COLUMNS
    letters: Letters = Letters.PAGES


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """How a job ended. `has_begun`: paper may carry the receipt, or a part of it."""

    outcome: PrintOutcome
    has_begun: bool = False
    is_paper_low: bool = False


class Printer(Protocol):
    """Somebody who prints. Called by one thread, which may wait as long as its patience says."""

    def print(self, data: bytes, begin: Callable[[], None]) -> Result:
        """Print one job, at most once. `begin` is called before the first byte of it leaves; if it raises OSError,
        nothing is printed.
        """


class Channel(Protocol):
    """A line to a printer: bytes there and back."""

    def send(self, data: bytes, timeout_s: float) -> int:
        """How many bytes it took within that time; 0 for none. Raises OSError when the line is cut."""

    def receive(self, timeout_s: float) -> bytes | None:
        """What it says; b"" when nothing came within that time, None when it has hung up. Raises OSError as above."""

    def close(self) -> None:
        """Hang up so that what was sent still arrives."""


def parse_printer(text: str) -> PrinterAddress:
    """What a setting says. Raises ValueError with what is wrong in it."""
    address, _, query = text.strip().partition("?")
    more = _options(query)
    if address == "virtual":
        return PrinterAddress(way=Way.VIRTUAL, **more)
    if address.startswith("/dev/"):
        if ".." in address.split("/"):
            raise ValueError(f"{address!r} leads out of /dev")
        return PrinterAddress(way=Way.DEVICE, path=address, **more)
    if address.startswith("tcp://"):
        return PrinterAddress(way=Way.NETWORK, **_host_and_port(address), **more)
    raise ValueError(f"{address!r} is no printer: write tcp://host:9100, a device such as /dev/usb/lp0, or virtual")


def _host_and_port(address: str) -> dict[str, Any]:
    parts = urlsplit(address)
    try:
        port = parts.port or USUAL_PORT
    except ValueError as error:
        raise ValueError(f"{address!r} has no usable port: it is a number up to 65535, mostly 9100") from error
    if not parts.hostname or parts.username is not None or parts.path not in {"", "/"}:
        raise ValueError(f"{address!r} is no address: write tcp://host:9100")
    return {"host": parts.hostname, "port": port}


def _options(query: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name == "columns" and value.isascii() and value.isdecimal() and LEAST_COLUMNS <= int(value) <= MOST_COLUMNS:
            found["columns"] = int(value)
        elif name == "letters" and value in set(Letters):
            found["letters"] = Letters(value)
        else:
            raise ValueError(
                f"{name}={value} says nothing about a printer: there are columns ({LEAST_COLUMNS} to {MOST_COLUMNS}) "
                f"and letters ({', '.join(Letters)})"
            )
    return found
