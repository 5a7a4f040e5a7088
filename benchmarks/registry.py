"""All benchmarks, by the name that `--only` takes. A new one is a module with `measure` and a row here."""

from benchmarks.guard import decision, flood
from benchmarks.lane import day, first, scans
from benchmarks.outcome import Bench
from benchmarks.store import durable, search, years
from benchmarks.transport import acks, fanout, pages, reconnect, scale

BENCHES = {
    "fanout": Bench("One broadcast to 1,000 clients", fanout.measure),
    "acks": Bench("Acknowledged events, 200 clients in closed loop", acks.measure),
    "scale": Bench("1,000 clients against 5,000", scale.measure),
    "pages": Bench("Plain pages beside the pushes", pages.measure),
    "reconnect": Bench("Everybody comes back at once", reconnect.measure),
    "decision": Bench("One decision of the guard", decision.measure),
    "flood": Bench("Pages beside a flood of refused connections", flood.measure),
    "durable": Bench("Durable scans through the wire, 200 lanes", durable.measure),
    "search": Bench("Search as somebody types, 100,000 items", search.measure),
    "years": Bench("A store of a million sales against an empty one", years.measure),
    "first": Bench("A lane that was switched on, in a cold Chromium", first.measure),
    "scans": Bench("Fifty lanes scan, one of them in Chromium", scans.measure),
    "day": Bench("Eight hours of shopping on one page", day.measure),
}

# A room's results are written when all of its benchmarks ran in one run: a whole one takes half an hour.
ROOMS = {
    "transport": ("fanout", "acks", "scale", "pages", "reconnect"),
    "guard": ("decision", "flood"),
    "store": ("durable", "search", "years"),
    "lane": ("first", "scans", "day"),
}
