"""Fifty lanes scan, one of them in a real Chromium: from the scanner's last key to the frame with the answer.

49 lanes on the wire scan once a second each. The browser's times are its own: from the key event's stamp to the paint
after the change. Beside it, in turn, a bare page that only counts the same keys and paints: what the browser takes.
"""

import subprocess
import sys
import time
from typing import TYPE_CHECKING

from benchmarks.lane.screen import LANES, Chromium, Floor, a_floor, unmeasured, why_not
from benchmarks.outcome import Outcome, Row, Run, at_most, middle_half, percentile
from benchmarks.running import ROOT, die_with_parent
from benchmarks.store.lanes import CODES, code_of
from benchmarks.transport.stands import tell

if TYPE_CHECKING:
    from playwright.sync_api import Page

PAUSE_MS = 120  # between two scans in the browser: quicker than people, and no scan waits for another
BARE = """<!doctype html><body><p id=shown></p><script>
let keys = 0;
addEventListener("keydown", (e) => { if (e.key === "Enter") shown.textContent = ++keys; });
</script>"""
# The wedge stops its keys, so we listen before it. A task after an animation frame runs when that frame was painted.
WATCH = """
globalThis.times = [];
globalThis.first = [];
let pressedAt = null, isSeen = false, total = "";
const shown = () => document.querySelector(".total strong .money, #shown")?.textContent ?? "";
addEventListener("keydown", (event) => {
  if (event.key === "Enter") { pressedAt = event.timeStamp; isSeen = false; total = shown(); }
}, { capture: true });
const painted = (list, at) => requestAnimationFrame(() => setTimeout(() => list.push(performance.now() - at)));
new MutationObserver(() => {
  if (pressedAt === null) return;
  if (!isSeen) { isSeen = true; painted(globalThis.first, pressedAt); }
  if (shown() !== total) { painted(globalThis.times, pressedAt); pressedAt = null; }
}).observe(document, { childList: true, subtree: true, characterData: true });
"""


def measure(run: Run) -> Outcome:
    """Rounds of ours and of the bare page in turn, with the other lanes scanning throughout."""
    names = (f"scan to its price on the screen, {LANES} lanes scanning: p99", "scan to the first sign of it: p99")
    if why_not():
        return unmeasured(*names)
    answers: list[list[float]] = []
    signs: list[list[float]] = []
    bare: list[list[float]] = []
    rounds, scans = run.scaled(6, 2), run.scaled(60, 30)
    began = time.monotonic()
    with a_floor() as floor, Chromium() as chromium:
        context = chromium.context(floor)
        context.add_init_script(WATCH)
        context.route("**/bare", lambda route: route.fulfill(body=BARE, content_type="text/html"))
        lane, empty = context.new_page(), context.new_page()
        lane.goto(f"{floor.url}/lane")
        lane.wait_for_selector(".attract h2")
        empty.goto(f"{floor.url}/bare")
        with _others(floor):
            for _ in range(rounds):
                first, times = _scan(lane, scans)
                answers.append(times)
                signs.append(first)
                bare.append(_scan(empty, scans)[1])
    tell(f"{rounds} rounds of {scans} scans", began)
    return Outcome(rows=_rows(names, answers, signs, bare), figures={"scan_to_price_p99_ms": _p99s(answers, bare)})


def _rows(
    names: tuple[str, str], answers: list[list[float]], signs: list[list[float]], bare: list[list[float]]
) -> list[Row]:
    p99, spread = _p99(answers)
    first, first_spread = _p99(signs)
    floor_p99, _ = _p99(bare)
    note = f"a bare page that only paints: {floor_p99:.0f} ms"
    return [
        Row(names[0], p99, "ms", at_most(100), spread, note),
        Row(names[1], first, "ms", at_most(100), first_spread),
        Row("scan to its price / a bare page that only paints: p99", p99 / floor_p99),
    ]


def _p99(rounds: list[list[float]]) -> tuple[float, tuple[float, float] | None]:
    every = [one for times in rounds for one in times]
    return percentile(every, 0.99), middle_half([percentile(times, 0.99) for times in rounds])


def _p99s(answers: list[list[float]], bare: list[list[float]]) -> dict[str, float]:
    return {"ours": _p99(answers)[0], "bare": _p99(bare)[0]}


def _scan(page: "Page", count: int) -> tuple[list[float], list[float]]:
    """ms to the first sign and to the answer of each of so many scans."""
    page.bring_to_front()
    page.evaluate("globalThis.times.length = globalThis.first.length = 0")
    for number in range(count):
        page.keyboard.type(code_of(number % CODES))
        page.keyboard.press("Enter")
        page.wait_for_function("(n) => globalThis.times.length > n", arg=number)
        page.wait_for_timeout(PAUSE_MS)
    return page.evaluate("globalThis.first"), page.evaluate("globalThis.times")


class _others:  # noqa: N801 - reads as what it is: `with _others(floor):`
    """The other lanes scan until the block is left."""

    def __init__(self, floor: Floor) -> None:
        command = [sys.executable, "-m", "benchmarks.store.lanes", str(floor.port), str(floor.others()), "open"]
        self._command = [*command, str(LANES - 1), "600"]

    def __enter__(self) -> None:
        self._process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - the benchmark has one thread
        )
        time.sleep(1.0)  # until they are let in
        if self._process.poll() is not None:
            raise RuntimeError("the other lanes did not come")

    def __exit__(self, *_: object) -> None:
        is_alive = self._process.poll() is None
        self._process.kill()
        self._process.wait()
        if not is_alive:
            raise RuntimeError("the other lanes went away: the figures would mean nothing")
