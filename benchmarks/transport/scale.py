"""Five times the clients: does each cost what it cost before?

The bare loop is asked the same, because the kernel and the load grow dearer by the socket too; what
it pays more is the machine's share of the figure.
"""

from statistics import median

from benchmarks.outcome import Outcome, Row, Run, at_most, ratio
from benchmarks.peers import BARE, OURS, Peer
from benchmarks.transport.stands import Stands

FEW, MANY = 1_000, 5_000
BROADCASTS = 6
TARGET = at_most(1.2)

Rounds = dict[str, list[list[float]]]


def measure(run: Run) -> Outcome:
    """Four stands in turns: ours and bare, with few and with many clients."""
    with Stands(run) as stands:
        for peer in (OURS, BARE):
            for clients in (FEW, MANY):
                stands.set_up(f"{peer.key} {clients}", peer, clients)
        times_ms = stands.rounds(
            run.scaled(16, 3),
            lambda stand: [ms / stand.clients for ms in stand.load.ask("broadcasts", count=BROADCASTS, gap_s=0.05)],
        )
        rss_kb = {name: stand.rss_kb for name, stand in stands.standing.items()}
        missing = stands.missing
    return Outcome(rows=[time_row(times_ms, missing), rss_row(rss_kb, missing)])


def names(peer: Peer) -> tuple[str, str]:
    """The stands with many and with few clients."""
    return f"{peer.key} {MANY}", f"{peer.key} {FEW}"


def reason_of(missing: dict[str, str]) -> str:
    """Why ours cannot be compared, or ''."""
    many, few = names(OURS)
    return missing.get(many) or missing.get(few) or ""


def time_row(times_ms: Rounds, missing: dict[str, str]) -> Row:
    """Time of a broadcast, divided by the clients."""
    what = f"time a client: {MANY:,} clients / {FEW:,} clients"
    if reason := reason_of(missing):
        return Row(what, None, target=TARGET, note=reason)
    many, few = names(OURS)
    measured, spread = ratio(times_ms[many], times_ms[few])
    all_ms = median(x for part in times_ms[many] for x in part) * MANY
    note = f"{MANY:,} have it in {all_ms:.0f} ms"
    bare_many, bare_few = names(BARE)
    if bare_many in times_ms and bare_few in times_ms:
        bare, _ = ratio(times_ms[bare_many], times_ms[bare_few])
        beside, _ = ratio(times_ms[many], times_ms[bare_many])
        note += f"; the bare loop itself x {bare:.2f}; ours / bare at {MANY:,}: {beside:.2f}"
    return Row(what, measured, target=TARGET, spread=spread, note=note)


def rss_row(rss_kb: dict[str, float], missing: dict[str, str]) -> Row:
    """Memory of a client."""
    what = f"RSS a client: {MANY:,} clients / {FEW:,} clients"
    if reason := reason_of(missing):
        return Row(what, None, target=TARGET, note=reason)
    many, few = (rss_kb[name] for name in names(OURS))
    return Row(what, many / few, target=TARGET, note=f"{many:.1f} kB / {few:.1f} kB")
