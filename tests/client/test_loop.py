"""The loop calls nobody who has stopped watching, even when their news has already come."""

import socket

from kiosk_client.loop import WATCH_READ, Loop


def test_whoever_is_unwatched_in_a_turn_is_not_called_in_it() -> None:
    loop, called = Loop(), []
    pairs = [socket.socketpair() for _ in range(2)]
    ears = [ear for ear, _ in pairs]

    def hear(n: int) -> None:
        called.append(n)
        loop.unwatch(ears[1 - n])
        loop.stop()

    for n, ear in enumerate(ears):
        loop.watch(ear, WATCH_READ, lambda _, n=n: hear(n))
        pairs[n][1].send(b"news")
    loop.run()

    assert len(called) == 1
    loop.close()
    for pair in pairs:
        for end in pair:
            end.close()
