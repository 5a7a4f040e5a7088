"""The vocabulary of the browser tests: a running house, screens in it, and what people do and see there.

customer = house.opens("L1")
customer.scans(MILK)
customer.sees("Whole milk")
"""

import contextlib
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Locator, Page, expect

BANANAS, BANANAS_NAME = "2000000000077", "Bananas, bunch of five"
APPLES, APPLES_NAME = "2000000000145", "Royal Gala apples 1 kg"
MANGO, MANGO_NAME = "2000000000633", "Ripe mango"
UNKNOWN = "4006381333931"
BAD_CHECK_DIGIT = "4006381333932"

PORTRAIT = {"width": 1080, "height": 1920}
LANDSCAPE = {"width": 1920, "height": 1080}
TABLET = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}

PATIENCE_MS = 30_000  # an upper bound for a deadlock, never a measure
# What Chromium logs of its own accord when a server is away; the screens say it in words.
EXPECTED_NOISE = re.compile(r"WebSocket connection to .* failed|ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET")
# And of a file that was on its way when the power went.
CUT_OFF = "ERR_CONTENT_LENGTH_MISMATCH"


class House:
    """A demo store without its crowd, in a process of its own so that it can be killed."""

    def __init__(self, folder: Path, browser: Browser, *extra: str) -> None:
        self.folder, self.browser, self.extra = folder, browser, extra
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._contexts: list[BrowserContext] = []
        self._complaints: list[str] = []
        self._forgiven: list[str] = []
        self._signed_in: Any = None
        self.stage_pass: Any = None  # the cookies of the lane that a Stage plays
        self._enrolled: dict[str, Any] = {}
        self._process: subprocess.Popen[bytes] | None = None
        expect.set_options(timeout=PATIENCE_MS)

    def __enter__(self) -> "House":
        self.starts()
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()
        self._end(signal.SIGTERM)

    # -- the server --

    def starts(self) -> None:
        command = [sys.executable, "-m", "kiosk_server", "demo", *(self.extra or ("--no-crowd",)), "--no-browser"]
        with (self.folder / "out.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--data-dir", str(self.folder), "--listen", f"127.0.0.1:{self.port}"],
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        self._await_ready()

    def is_killed(self) -> None:
        """Power off: no goodbye to anybody."""
        self.forgives(CUT_OFF)
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(20)

    def _await_ready(self) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            assert self._process is not None
            assert self._process.poll() is None, (self.folder / "out.log").read_text()
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return
            time.sleep(0.05)  # nothing to wait on: the process has no other way to tell a stranger
        raise AssertionError("the server did not become ready")

    def runs(self, *words: str) -> str:
        """A command of the office: `house.runs("terminal", "retire", "L6")`."""
        command = [sys.executable, "-m", "kiosk_server", *words, "--data-dir", str(self.folder)]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout

    def token(self, terminal: str) -> str:
        known = json.loads((self.folder / "demo.json").read_text())["terminals"]
        return next(str(one["token"]) for one in known if one["name"] == terminal)

    def gives(self, terminal: str, name: str, **data: Any) -> None:
        """A command of a terminal without its screen, over the HTTP twin."""
        body = json.dumps({"key": secrets.token_hex(16), "name": name, "data": data}).encode()
        headers = {"Authorization": f"Bearer {self.token(terminal)}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/api/v1/commands", body, headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert json.load(answer)["ok"]

    def pays_at(self, terminal: str, tender: str) -> None:
        """The basket of this lane, as soon as the demo's virtual customer has bagged what was scanned."""
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while True:
            try:
                return self.gives(terminal, "choose_tender", tender=tender)
            except urllib.error.HTTPError as error:
                refused = json.load(error)["code"]
                assert refused in {"bagging_disagrees", "scale_not_ready"}, refused
            assert time.monotonic() < deadline, f"the bagging area of {terminal} never agreed"
            time.sleep(0.1)  # nobody tells a stranger when a plate has come to rest

    # -- people --

    def opens(self, terminal: str, size: dict[str, int] = LANDSCAPE, **options: Any) -> "Screen":
        """A browser of its own that is this terminal; the first one is enrolled by the address from the office."""
        known = self._enrolled.get(terminal)
        screen = self.screen(size, storage_state=known, **options)
        if known is None:
            screen.page.goto(f"{self.url}/enrol/{self.token(terminal)}")
            self._enrolled[terminal] = screen.page.context.storage_state()
        else:
            screen.page.goto(self.url)
        expect(screen.page.locator("#app > *")).to_have_count(1)
        expect(screen.page.get_by_role("heading", level=1).first).not_to_have_text("Just a moment")
        return screen

    def opens_console(self, size: dict[str, int] = LANDSCAPE) -> "Screen":
        """An attendant at the console; the first one signs in with a one-time code."""
        screen = self.screen(size, storage_state=self._signed_in)
        if self._signed_in is None:
            url = json.loads(self.runs("staff", "code", "--json"))["url"]
            screen.page.goto(url)
            screen.page.locator("form:has(input[name=code]) button").click()
            expect(screen.page).to_have_url(re.compile("/manager$"))
            self._signed_in = screen.page.context.storage_state()
        else:
            screen.page.goto(f"{self.url}/manager")
        expect(screen.page.locator("#app > .console")).to_be_visible()
        return screen

    def screen(self, size: dict[str, int], **options: Any) -> "Screen":
        context = self.browser.new_context(viewport=size, **options)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        self._contexts.append(context)
        return Screen(self, context.new_page())

    def is_restarted(self) -> None:
        self.starts()
        self._signed_in = None  # sessions end with the server, terminals' tokens do not

    def leave(self) -> list[str]:
        """Everybody goes; what their screens complained about."""
        for context in self._contexts:
            context.close()
        complaints = [said for said in self._complaints if not any(one in said for one in self._forgiven)]
        self._contexts.clear()
        self._complaints.clear()
        self._forgiven.clear()
        return complaints

    def shows(self) -> list[str]:
        """The words on every open page."""
        pages = [page for context in self._contexts for page in context.pages]
        return [f"--- {page.url}\n{_words(page)}" for page in pages]

    def expects(self, complaint: str) -> None:
        """This complaint was provoked; it must be there, and counts no more."""
        assert any(complaint in heard for heard in self._complaints), self._complaints
        self._complaints = [heard for heard in self._complaints if complaint not in heard]

    def forgives(self, complaint: str) -> None:
        """In this test the complaint may come or not: it hangs on what the browser is doing just then."""
        self._forgiven.append(complaint)

    def until(self, is_so: Callable[[], bool]) -> None:
        """Let the browser's messages come in until something is so."""
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while not is_so():
            assert time.monotonic() < deadline, "it did not happen"
            self._contexts[0].pages[0].wait_for_timeout(20)

    def complains(self, complaint: str) -> None:
        self._complaints.append(complaint)

    def hears(self, message: ConsoleMessage) -> None:
        said = f"{message.type}: {message.text} ({message.location['url']})"
        if message.type in {"error", "warning"} and not EXPECTED_NOISE.search(said):
            self._complaints.append(said)

    def breaks(self, error: object) -> None:
        self._complaints.append(f"uncaught: {error}")


class Screen:
    """One page in front of one person."""

    def __init__(self, house: House, page: Page) -> None:
        self.house, self.page = house, page
        page.on("console", house.hears)
        page.on("pageerror", house.breaks)

    def second_tab(self) -> "Screen":
        tab = Screen(self.house, self.page.context.new_page())
        tab.page.goto(self.page.url)
        return tab

    def scans(self, code: str, end: str = "Enter") -> None:
        """The wedge: keys as fast as a scanner types, then its end key (or none)."""
        self.page.keyboard.type(code)
        if end:
            self.page.keyboard.press(end)

    def button(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("button", name=name).first

    def presses(self, name: str | re.Pattern[str]) -> None:
        self.button(name).click()

    def speaks(self, language: str) -> None:
        """Pick a language by its own name on the first screen."""
        self.page.get_by_role("button", name=language, exact=True).first.click()

    def pays(self, tender: str = "Cash") -> None:
        """The way from the basket to a tender of the three."""
        self.button(re.compile("^Pay ")).click()
        self.page.get_by_role("dialog").get_by_role("button", name=re.compile(f"^{tender}")).click()

    def sees(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()

    def sees_no(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_text(text)).to_have_count(0)

    def total(self) -> Locator:
        return self.page.locator(".total strong .money")

    def call(self, terminal: str) -> Locator:
        """A row of the console's inbox."""
        return self.page.get_by_role("article", name=re.compile(f"^{terminal}:"))


def _words(page: Page) -> str:
    try:
        return page.locator("body").inner_text(timeout=2_000)
    except Error as error:
        return f"(nothing could be read: {error.message})"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
