"""Ids are unique and sort by the order of their making, whatever the clock does."""

import re
import threading

from kiosk_server.core.clock import IdMaker, SystemClock


def test_ids_are_sixteen_plain_characters() -> None:
    assert re.fullmatch(r"[0-9a-hjkmnp-tv-z]{16}", SystemClock().new_id())


def test_ids_sort_in_the_order_of_their_making_though_the_clock_is_set_back() -> None:
    maker = IdMaker()
    moments = [1_795_000_000_000, 1_795_000_000_000, 1_795_000_000_001, 0, -5, 1_794_999_999_999, 1_795_000_000_002]
    made = [maker.new_id(moment) for moment in moments for _ in range(100)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_ids_made_by_many_threads_are_all_different() -> None:
    clock = SystemClock()
    made: list[str] = []
    threads = [
        threading.Thread(target=lambda: made.extend(clock.new_id() for _ in range(2_000)), name=f"maker-{n}")
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 16_000
