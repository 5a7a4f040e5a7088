"""Lost lines, killed servers, second tabs, revoked terminals: nothing is lost or done twice, and people are told."""

import re
import threading

from house import APPLES, APPLES_NAME, BANANAS, BANANAS_NAME, MANGO, MANGO_NAME, House
from playwright.sync_api import WebSocketRoute, expect


class DeafLine:
    """A line between page and server that can lose what the server says: acks and events, never pings."""

    def __init__(self) -> None:
        self.is_deaf = False
        self.page: WebSocketRoute | None = None
        self.sent: list[str] = []
        self.orders: list[str] = []
        self.heard_order = threading.Event()

    def carry(self, page: WebSocketRoute) -> None:
        self.page = page
        server = page.connect_to_server()
        page.on_message(lambda message: self._up(server, str(message)))
        server.on_message(lambda message: self._down(page, str(message)))

    def _up(self, server: WebSocketRoute, message: str) -> None:
        self.sent.append(message)
        if '"command"' in message:
            self.orders.append(message[message.index("{") :])
        server.send(message)

    def _down(self, page: WebSocketRoute, message: str) -> None:
        if self.is_deaf and message.startswith(('42["event"', "43")):
            self.heard_order.set()
            return
        page.send(message)


def test_two_tabs_of_one_lane_show_the_same(house: House) -> None:
    first = house.opens("L1")
    second = first.second_tab()
    first.scans(BANANAS)
    second.sees(BANANAS_NAME)
    second.presses(f"Remove {BANANAS_NAME}")
    first.sees("Removed")
    second.scans(APPLES)
    first.pays()
    second.sees("Please pay the attendant")
    second.presses("Back to scanning")
    first.sees(APPLES_NAME)


def test_killed_server_comes_back_with_the_same_basket(house: House) -> None:
    customer = house.opens("L2")
    customer.scans(BANANAS)
    customer.scans(APPLES)
    expect(customer.total()).to_have_text("€4.08")
    house.is_killed()
    customer.sees("No connection to the store.")
    customer.sees(BANANAS_NAME)
    expect(customer.button(re.compile("^Pay "))).to_be_disabled()
    customer.scans(MANGO)  # kept, and asked for once when the server is back
    customer.sees("Waiting for the connection")
    house.is_restarted()
    customer.sees(MANGO_NAME)
    expect(customer.total()).to_have_text("€5.77")
    customer.sees_no("No connection to the store.")
    customer.pays()
    customer.sees("Please pay the attendant")


def test_scan_whose_answer_was_lost_counts_once_after_a_reload(house: House) -> None:
    customer = house.opens("L3")
    line = DeafLine()
    customer.page.route_web_socket(re.compile("/socket.io/"), line.carry)
    customer.page.reload()
    customer.sees("Scan your first item")
    line.is_deaf = True
    customer.scans(MANGO)
    customer.sees("Looking it up")
    house.until(line.heard_order.is_set)  # the server has it; its answer and its events never arrive here
    line.is_deaf = False
    customer.page.reload()
    expect(customer.total()).to_have_text("€1.69")
    expect(customer.page.locator(".line.pending")).to_have_count(0)
    assert line.orders[0] == line.orders[1], "asked again with the same key"
    expect(customer.total()).to_have_text("€1.69")


def test_gap_in_the_events_is_filled(house: House) -> None:
    customer = house.opens("L4")
    other = customer.second_tab()
    line = DeafLine()
    customer.page.route_web_socket(re.compile("/socket.io/"), line.carry)
    customer.page.reload()
    customer.sees("Scan your first item")
    line.is_deaf = True
    other.scans(BANANAS)
    other.sees(BANANAS_NAME)
    house.until(line.heard_order.is_set)
    line.is_deaf = False
    other.scans(APPLES)  # its `prev` names an event that this page never saw
    customer.sees(APPLES_NAME)
    customer.sees(BANANAS_NAME)
    expect(customer.total()).to_have_text("€4.08")
    assert any('"resync"' in sent for sent in line.sent)


def test_event_from_a_newer_server_is_shown_and_survived(house: House) -> None:
    customer = house.opens("L5")
    line = DeafLine()
    customer.page.route_web_socket(re.compile("/socket.io/"), line.carry)
    customer.page.reload()
    customer.sees("Scan your first item")
    assert line.page is not None
    line.page.send('42["event",{"seq":1000000000,"at":0,"prev":0,"type":"moon_landed","data":{"terminal":"L5"}}]')
    customer.sees("Something arrived that this screen does not know")
    customer.scans(BANANAS)
    customer.sees(BANANAS_NAME)
    house.expects("unknown event moon_landed")


def test_revoked_terminal_is_told(house: House) -> None:
    customer = house.opens("L6")
    house.forgives("/api/v1/catalog?")  # which it may be copying just then
    house.runs("terminal", "retire", "L6")
    customer.sees("This screen is not signed in")
    customer.sees("Ask a manager to enrol it again")
