"""Both pollers, over real sockets: the same answers, whichever a platform has."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from kiosk_server.transport.poller import READ, WRITE, EpollPoller, SelectorPoller

Poller = EpollPoller | SelectorPoller


@pytest.fixture(params=[EpollPoller, SelectorPoller])
def poller(request: pytest.FixtureRequest) -> Iterator[Poller]:
    poller: Poller = request.param()
    yield poller
    poller.close()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    near, far = socket.socketpair()
    yield near, far
    near.close()
    far.close()


def ready(poller: Poller) -> list[tuple[Any, int]]:
    return list(poller.wait(0.01))


def test_owner_hears_what_it_asked_for_and_nothing_else(
    poller: Poller, pair: tuple[socket.socket, socket.socket]
) -> None:
    near, far = pair
    poller.watch(near.fileno(), 0, READ, "near")
    assert poller.owners() == ["near"]
    assert ready(poller) == []
    far.send(b"x")
    assert ready(poller) == [("near", READ)]
    poller.watch(near.fileno(), READ, READ | WRITE, "near")
    assert ready(poller) == [("near", READ | WRITE)]
    poller.watch(near.fileno(), READ | WRITE, WRITE, "near")
    assert ready(poller) == [("near", WRITE)]
    poller.watch(near.fileno(), WRITE, 0, "near")
    assert ready(poller) == []
    assert poller.owners() == []


def test_end_of_the_other_side_is_told_to_a_reader(poller: Poller, pair: tuple[socket.socket, socket.socket]) -> None:
    near, far = pair
    poller.watch(near.fileno(), 0, READ, "near")
    far.close()
    [(owner, mask)] = ready(poller)
    assert owner == "near"
    assert mask & READ


def test_one_closed_by_an_earlier_one_of_the_same_round_is_passed_over() -> None:
    poller = EpollPoller()
    pairs = [socket.socketpair() for _ in range(2)]
    for near, far in pairs:
        poller.watch(near.fileno(), 0, READ, near)
        far.send(b"x")
    served = []
    for owner, _mask in poller.wait(0.01):
        served.append(owner)
        for near, _far in pairs:
            poller.watch(near.fileno(), READ, 0, near)
    assert len(served) == 1
    poller.close()
    for sock in [end for pair in pairs for end in pair]:
        sock.close()
