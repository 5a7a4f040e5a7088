"""A store of lanes and a Chromium before one of them."""

import contextlib
import json
import secrets
import shutil
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from benchmarks.outcome import Outcome, Row
from benchmarks.store.durable import a_server
from kiosk_server.note import read_note

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

LANES = 50
KIOSK = {"width": 1080, "height": 1920}
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PATIENCE_MS = 30_000
STATIC = Path(__file__).parents[2] / "kiosk_server" / "static" / "app"


def why_not() -> str:
    """What is missing on this machine, or ''."""
    if not (STATIC / "manifest.json").is_file():
        return "the screens are not built"
    if chromium() is None:
        return "no Chromium"
    try:
        import playwright.sync_api  # noqa: F401, PLC0415 - a benchmark of its own may run without it
    except ModuleNotFoundError:
        return "no Playwright"
    return ""


def unmeasured(*rows: str) -> Outcome:
    """The same rows without figures, and why."""
    return Outcome(rows=[Row(what, None, note=f"not measured: {why_not()}") for what in rows])


def chromium() -> str | None:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def manifest() -> dict[str, Any]:
    """The files of the lane's page: `js`, `css`, `chunks` at first, `later` when it is idle."""
    found: dict[str, Any] = json.loads((STATIC / "manifest.json").read_text())["lane"]
    return found


@dataclass(frozen=True)
class Floor:
    """A running store; `tokens` of its lanes, the first of which is the browser's."""

    folder: Path
    port: int
    tokens: list[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def others(self) -> Path:
        """A file with the tokens of all lanes but the browser's."""
        file = self.folder / "others.json"
        file.write_text(json.dumps(self.tokens[1:]))
        return file

    def gives(self, name: str, data: dict[str, object], token: str = "") -> dict[str, Any]:
        """A command over HTTP, by the browser's lane or whom `token` names; LoadError's reason as ValueError."""
        body = json.dumps({"key": secrets.token_hex(16), "name": name, "data": data}).encode()
        headers = {"Authorization": f"Bearer {token or self.tokens[0]}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/api/v1/commands", body, headers)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def office(self) -> str:
        """The token of this machine's administrator."""
        note = read_note(self.folder / "ours")
        assert note is not None
        return note.token


@contextlib.contextmanager
def a_floor(lanes: int = LANES) -> Iterator[Floor]:
    """A store with so many lanes, each enrolled."""
    with tempfile.TemporaryDirectory(prefix="lane-") as place:
        folder, tokens = Path(place), [secrets.token_hex(16) for _ in range(lanes)]
        with a_server("ours", folder, tokens) as port:
            yield Floor(folder, port, tokens)


class Chromium:
    """A browser process of its own: cold each time."""

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415

        playwright = self._stack.enter_context(sync_playwright())
        self.browser: Browser = playwright.chromium.launch(executable_path=chromium(), args=ARGS)
        self._stack.callback(self.browser.close)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def context(self, floor: Floor) -> "BrowserContext":
        """A profile that is the first lane. Playwright waits with eval, which our pages forbid: hence bypass_csp."""
        context = self.browser.new_context(viewport=KIOSK, bypass_csp=True)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        context.add_cookies([{"name": "kiosk_terminal", "value": floor.tokens[0], "url": floor.url}])
        return context


def throttle(page: "Page", times: int) -> None:
    """Make this page's processor so many times slower."""
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": times})
