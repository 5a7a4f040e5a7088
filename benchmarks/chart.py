"""The README's chart: three panels of bars, labelled in place, readable on light and on dark pages.

It carries its own ground, so that it does not depend on the page's, and follows the reader's scheme.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from benchmarks.peers import OURS, PEERS

WIDTH, MARGIN, LABEL_WIDTH, VALUE_WIDTH = 760, 28, 226, 84
BAR, STEP, HEAD, BETWEEN = 18, 28, 50, 26
STYLE = """
  .ground { fill: #ffffff; stroke: #d5dbe3 }
  .ink { fill: #12161c } .soft { fill: #5a6472 } .bar { fill: #b4bfcc } .ours { fill: #0b5f8a }
  .ink, .soft { font: 14px system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif }
  .title { font-weight: 600; font-size: 16px } .strong { font-weight: 600 }
  .value { font-variant-numeric: tabular-nums }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0e1217; stroke: #2c3540 }
    .ink { fill: #eef2f6 } .soft { fill: #9aa7b5 } .bar { fill: #465361 } .ours { fill: #4fb3e3 }
  }
"""
LABELS = {peer.key: peer.label for peer in PEERS}


@dataclass(frozen=True)
class Panel:
    """One question: which figures, and how a value is written."""

    figures: str
    title: str
    explanation: str
    value: str


PANELS = (
    Panel(
        "fanout_ms",
        "Until 1,000 clients have one broadcast",
        "250 bytes, milliseconds, shorter is better",
        "{:.1f} ms",
    ),
    Panel("rss_kb", "Memory of one client", "kilobytes resident, shorter is better", "{:.1f} kB"),
    Panel(
        "acks_per_s",
        "Acknowledged events a second",
        "200 clients in closed loop, longer is better",
        "{:,.0f}/s",
    ),
)


def transport(figures: dict[str, dict[str, float]]) -> str:
    """The whole SVG; a peer that was not measured has no bar."""
    parts: list[str] = []
    top = MARGIN
    for panel in PANELS:
        values = figures.get(panel.figures, {})
        parts += panel_lines(panel, values, top)
        top += HEAD + STEP * len(values) + BETWEEN
    height = top - BETWEEN + MARGIN // 2
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
            f' width="{WIDTH}" height="{height}" role="img" aria-labelledby="title">',
            '<title id="title">Kiosk Server\'s transport beside its peers</title>',
            f"<style>{STYLE}</style>",
            f'<rect class="ground" x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1}" rx="12"/>',
            *parts,
            "</svg>\n",
        ]
    )


def panel_lines(panel: Panel, values: dict[str, float], top: int) -> Iterator[str]:
    """A heading and one bar a peer, all to the scale of the longest."""
    yield text("ink title", MARGIN, top + 16, panel.title)
    yield text("soft", MARGIN, top + 36, panel.explanation)
    room = WIDTH - 2 * MARGIN - LABEL_WIDTH - VALUE_WIDTH
    for i, (key, value) in enumerate(values.items()):
        y = top + HEAD + STEP * i
        is_ours = key == OURS.key
        length = max(2.0, room * value / max(values.values()))
        x = MARGIN + LABEL_WIDTH
        yield text("ink strong" if is_ours else "ink", MARGIN, y + 14, LABELS[key])
        yield (
            f'<rect class="{"ours" if is_ours else "bar"}" x="{x}" y="{y}" width="{length:.1f}" height="{BAR}" rx="3"/>'
        )
        style = "ink value strong" if is_ours else "ink value"
        yield text(style, x + length + 8, y + 14, panel.value.format(value))


def text(style: str, x: float, y: float, words: str) -> str:
    """One line of text at its baseline."""
    return f'<text class="{style}" x="{x:.1f}" y="{y}">{escape(words)}</text>'
