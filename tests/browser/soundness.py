"""What every state of every screen must keep, whatever it shows: `check` looks, the end of the test tells."""

import re

from axe_playwright_python.sync_playwright import Axe
from house import Screen
from playwright.sync_api import Page, expect

AXE_SCRIPT = Axe().axe_script
FINGER_PX = 48

TARGETS = """() => [...document.querySelectorAll('button, a, input, [role=button]')]
  .filter(one => one.checkVisibility())
  .map(one => ({ box: one.getBoundingClientRect(), said: one.textContent || one.ariaLabel }))
  .filter(({ box }) => box.width < 47.5 || box.height < 47.5)
  .map(({ box, said }) => `${said}: ${box.width} x ${box.height}`)"""
UNCOVERED = """button => {
  const { left, right, top, bottom } = button.getBoundingClientRect();
  return [left + 12, right - 12].every(x => [top + 12, bottom - 12].every(y =>
    button.contains(document.elementFromPoint(x, y))));
}"""
OVERFLOW = (
    "() => document.documentElement.scrollWidth - innerWidth + document.documentElement.scrollHeight - innerHeight"
)


def _faults(page: Page) -> list[str]:
    """What axe finds while nothing moves: also a banner that comes just now stands there whole and at once."""
    page.emulate_media(reduced_motion="reduce")
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)  # half a megabyte, which a page needs but once
    results = page.evaluate("() => axe.run({ resultTypes: ['violations'] })")["violations"]
    page.emulate_media(reduced_motion="null")
    return [f"{one['id']}: {node['html'][:160]}" for one in results for node in one["nodes"]]


def check(screen: Screen, state: str) -> None:
    """The screen is sound as it stands now; what is not is told at the end of the test, all of it.

    On a busy machine this holds the page for seconds, in which it answers no ping, and the line is cut: what must
    happen on a line that is up comes before it.
    """
    page = screen.page
    found = _faults(page)
    if page.evaluate(OVERFLOW) > 0:
        found.append("the page is larger than its screen")
    found += [f"smaller than a finger: {target}" for target in page.evaluate(TARGETS)]
    for one in found:
        screen.house.complains(f"{state}: {one}")


def sees_whole(screen: Screen, name: str | re.Pattern[str]) -> None:
    """The way on is in sight without scrolling, and nothing lies over any corner of it."""
    button = screen.button(name)
    expect(button).to_be_in_viewport(ratio=1)
    if not button.evaluate(UNCOVERED):
        screen.house.complains(f"something lies over {name}")
