"""Printers as the settings name them -> printers that print, and receipts drawn for them."""

from collections.abc import Callable, Mapping

from kiosk_server.domain.policy import Policy
from kiosk_server.domain.printing import PrintJob
from kiosk_server.domain.receipt_layout import Marks, Slip, lay_out
from kiosk_server.hardware.print_dialogue import EscPosPrinter, Patience
from kiosk_server.hardware.printer import Way, parse_printer
from kiosk_server.hardware.printer_lines import dial
from kiosk_server.hardware.printers import Station
from kiosk_server.hardware.virtual_printer import VirtualPrinter
from kiosk_server.store import queries, receipt_links
from kiosk_server.store.db import Database


def stations_of(addresses: Mapping[str, str], patience: Patience | None = None) -> dict[str, Station]:
    """Name -> printer. Raises ValueError for an address that names none. Connects to nobody yet."""
    return {name: _station(name, address, patience) for name, address in addresses.items()}


def _station(name: str, text: str, patience: Patience | None) -> Station:
    address = parse_printer(text)
    if address.way is Way.VIRTUAL:
        virtual = VirtualPrinter(name, address.columns)
        return Station(address, EscPosPrinter(virtual.dial, patience), virtual)
    return Station(address, EscPosPrinter(lambda timeout_s: dial(address, timeout_s), patience))


def drawn_from(database: Database, policy: Policy, base_url: Callable[[], str]) -> Callable[[PrintJob], Slip]:
    """Lays the receipt of a job out. `base_url()` is where customers reach this server, '' for nowhere: no QR code."""

    def draw(job: PrintJob) -> Slip:
        with database.read() as connection:
            receipt = queries.receipt(connection, job.receipt_number)
            if receipt is None:
                raise LookupError(f"there is no receipt {job.receipt_number} to print")
            base = base_url()
            link = f"{base}/r/{receipt_links.link_of(connection, receipt)}" if base else ""
        marks = Marks(is_duplicate=job.is_duplicate)
        return lay_out(receipt, policy, job.language, marks=marks, link=link)

    return draw
