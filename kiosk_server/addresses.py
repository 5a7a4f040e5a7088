"""Under which addresses this machine can be reached by those who may reach it."""

from collections.abc import Sequence

from kiosk_server.edge.guard_interfaces import read_machine
from kiosk_server.edge.network import RFC1918, find_network

ANY = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared, not bound


def private_addresses() -> tuple[str, ...]:
    """This machine's own RFC 1918 addresses, as they are now; none where the interfaces cannot be read."""
    try:
        machine = read_machine()
    except OSError:
        return ()
    return tuple(str(address) for address in sorted(machine.addresses, key=str) if find_network(address, RFC1918))


def url_of(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def reachable_urls(
    bound: Sequence[tuple[str, int]], own: Sequence[str], public_names: Sequence[str] = ()
) -> tuple[str, ...]:
    """URLs of the bound addresses, the best for terminals first: configured names, private addresses, loopback.

    An address that means all interfaces becomes this machine's `own` ones and loopback.
    """
    found: list[str] = []
    for host, port in bound:
        names = [*public_names, *own, "127.0.0.1"] if host in ANY else [host]
        found += [url_of(name, port) for name in names]
    return tuple(sorted(dict.fromkeys(found), key=is_loopback_url))


def is_loopback_url(url: str) -> bool:
    return url.startswith(("http://127.", "http://[::1]", "http://localhost"))


class CustomersWay:
    """Where customers' phones reach this server: what the settings say, else the best of the bound addresses.

    Asked anew each time, because a machine's own addresses change with its leases.
    """

    def __init__(self, fixed: str, public_names: Sequence[str]) -> None:
        self._fixed = fixed
        self._public_names = tuple(public_names)
        self._bound: tuple[tuple[str, int], ...] = ()

    def bind(self, bound: Sequence[tuple[str, int]]) -> None:
        """The server listens there."""
        self._bound = tuple(bound)

    def __call__(self) -> str:
        """A URL without a path; '' where only this machine could follow it."""
        if self._fixed:
            return self._fixed
        urls = reachable_urls(self._bound, private_addresses(), self._public_names)
        return next((url for url in urls if not is_loopback_url(url)), "")
