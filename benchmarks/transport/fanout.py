"""One broadcast of 250 bytes to 1,000 clients: when has the last one got it, and what does a client weigh?"""

from statistics import median

from benchmarks.outcome import Outcome, Row, Run, Target, at_least, at_most, middle_half, ratio
from benchmarks.peers import BARE, GEVENT, GTHREAD, NODE, OURS, PEERS, WERKZEUG, Peer
from benchmarks.transport.stands import Stands

CLIENTS = 1_000
BROADCASTS = 10
# (over, under, target): over / under is the measured ratio.
RATIOS: tuple[tuple[Peer, Peer, Target], ...] = (
    (OURS, BARE, at_most(1.15)),
    (OURS, NODE, at_most(0.80)),
    (WERKZEUG, OURS, at_least(4)),
    (GTHREAD, OURS, at_least(4)),
    (GEVENT, OURS, at_least(2)),
)
RSS_TARGET_KB = at_most(14)


def measure(run: Run) -> Outcome:
    """Six peers, all connected at the same time, broadcasting in turns."""
    with Stands(run) as stands:
        for peer in PEERS:
            stands.set_up(peer.key, peer, CLIENTS)
        times_ms = stands.rounds(
            run.scaled(24, 4),
            lambda stand: stand.load.ask("broadcasts", count=BROADCASTS, gap_s=0.03),
        )
        rss_kb = {key: stand.rss_kb for key, stand in stands.standing.items()}
        threads = {key: stand.server.threads() for key, stand in stands.standing.items()}
        missing = stands.missing
    outcome = Outcome()
    outcome.rows += [ratio_row(*wanted, times_ms, missing) for wanted in RATIOS]
    outcome.rows += [rss_row(peer, rss_kb, threads, missing) for peer in PEERS if peer != BARE]
    outcome.rows += [time_row(peer, times_ms, missing) for peer in PEERS]
    outcome.figures["fanout_ms"] = {key: median(x for part in parts for x in part) for key, parts in times_ms.items()}
    outcome.figures["rss_kb"] = {key: kb for key, kb in rss_kb.items() if key != BARE.key}
    return outcome


def ratio_row(
    over: Peer,
    under: Peer,
    target: Target,
    times_ms: dict[str, list[list[float]]],
    missing: dict[str, str],
) -> Row:
    """One comparison, or why there is none."""
    what = f"all have a broadcast: {over.label} / {under.label}"
    if reason := missing.get(over.key) or missing.get(under.key):
        return Row(what, None, target=target, note=reason)
    measured, spread = ratio(times_ms[over.key], times_ms[under.key])
    return Row(what, measured, target=target, spread=spread)


def rss_row(peer: Peer, rss_kb: dict[str, float], threads: dict[str, int], missing: dict[str, str]) -> Row:
    """Memory of a client; a figure to reach for ours, told for the others."""
    what = f"RSS a client: {peer.label}"
    target = RSS_TARGET_KB if peer == OURS else None
    if reason := missing.get(peer.key):
        return Row(what, None, "kB", target, note=reason)
    return Row(what, rss_kb[peer.key], "kB", target, note=f"{threads[peer.key]:,} threads")


def time_row(peer: Peer, times_ms: dict[str, list[list[float]]], missing: dict[str, str]) -> Row:
    """The milliseconds behind the ratios."""
    what = f"all have a broadcast: {peer.label}"
    if reason := missing.get(peer.key):
        return Row(what, None, "ms", note=reason)
    every = [x for part in times_ms[peer.key] for x in part]
    return Row(what, median(every), "ms", spread=middle_half(every), note=f"{len(every)} broadcasts")
