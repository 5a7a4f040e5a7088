"""What tests of machines share."""

from collections.abc import Iterator

import pytest
from scale_bench import Bench
from shop import Lane, Shop


@pytest.fixture
def bench(shop: Shop, lane3: Lane) -> Iterator[Bench]:
    """lane3's scales, on which only the test lays something."""
    bench = Bench(shop)
    bench.looks()
    yield bench
    bench.closes()


@pytest.fixture
def demo(shop: Shop, lane3: Lane) -> Iterator[Bench]:
    """lane3's scales in a demo store: a virtual customer lays down what was scanned."""
    bench = Bench(shop, is_demo=True)
    bench.looks()
    bench.passes(5)
    yield bench
    bench.closes()
