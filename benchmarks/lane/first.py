"""A lane that was switched on: how much JavaScript comes, and when the first item can be scanned.

Each round is a Chromium of its own with an empty cache and a processor slowed down four times. Beside it, in turn, a
bare page with the same fonts and styles and no script: what the browser itself takes.
"""

import gzip
import time
from statistics import median

from benchmarks.lane.screen import STATIC, Chromium, Floor, a_floor, manifest, throttle, unmeasured, why_not
from benchmarks.outcome import Outcome, Row, Run, at_most, middle_half, ratio
from benchmarks.transport.stands import tell

SLOWER = 4
LIMIT_KB = 35.0
# From the start of the navigation to the frame that shows what is waited for.
WATCH = """
const look = () => document.querySelector(".attract h2, .bare h2")
  ? requestAnimationFrame(() => setTimeout(() => { globalThis.usableMs = performance.now(); }))
  : requestAnimationFrame(look);
look();
"""


def measure(run: Run) -> Outcome:
    """The size is that of the files; the times are medians of cold starts."""
    names = ("lane page: JavaScript before the first scan", f"cold Chromium, {SLOWER}x slower: usable after")
    if why_not():
        return unmeasured(*names)
    first, later = _gzip_kb()
    ours: list[float] = []
    bare: list[float] = []
    began = time.monotonic()
    with a_floor(1) as floor:
        for _ in range(run.scaled(9, 3)):
            ours.append(_start(floor, "/lane"))
            bare.append(_start(floor, "/bare"))
    tell(f"{len(ours)} cold starts each", began)
    over, spread = ratio([[one] for one in ours], [[one] for one in bare])
    note = f"{later:.1f} kB more when it is idle; gzip -9, kB of 1,000 bytes"
    return Outcome(
        rows=[
            Row(names[0], first, "kB", at_most(LIMIT_KB), None, note),
            Row(names[1], median(ours), "ms", at_most(1_000), middle_half(ours)),
            Row("the same / a bare page with its fonts and styles", over, "", None, spread, f"{median(bare):.0f} ms"),
        ],
        figures={"lane_usable_ms": {"ours": median(ours), "bare": median(bare)}, "lane_js_kb": {"first": first}},
    )


def _gzip_kb() -> tuple[float, float]:
    files = manifest()
    return _kb([files["js"], *files["chunks"]]), _kb(files["later"])


def _kb(names: list[str]) -> float:
    return sum(len(gzip.compress((STATIC / name).read_bytes(), 9)) for name in names) / 1000


def _start(floor: Floor, path: str) -> float:
    """ms from the navigation to the first screen."""
    head = f'<!doctype html><link rel="stylesheet" href="/static/app/{manifest()["css"]}">'
    page_of_nothing = head + '<body class="bare"><h2>Scan your first item</h2>'
    with Chromium() as chromium:
        context = chromium.context(floor)
        context.add_init_script(WATCH)
        context.route("**/bare", lambda route: route.fulfill(body=page_of_nothing, content_type="text/html"))
        page = context.new_page()
        throttle(page, SLOWER)
        page.goto(floor.url + path)
        page.wait_for_function("globalThis.usableMs !== undefined")
        return float(page.evaluate("globalThis.usableMs"))
