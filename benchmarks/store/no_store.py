"""The same server, but a command is answered at once, as if the store cost nothing: wire, guard and edge alone."""

from concurrent.futures import Future

from kiosk_server import app
from kiosk_server.config import load
from kiosk_server.core.bus import Bus
from kiosk_server.core.reply import Reply
from kiosk_server.core.waiting import Probe, Waiting
from kiosk_server.serve import run_server

# The size of a scan's answer.
RESULT = {
    "basket_id": "1" * 16,
    "line": {
        "line_id": 1,
        "item_id": "4000",
        "name": "Item 4000",
        "kind": "grocery",
        "quantity": 1,
        "total_cents": 129,
    },
    "totals": {"items": 1, "total_cents": 129, "due_cents": 129},
}


class NoStore(Bus):
    """Says yes to everything but what enrols."""

    def _enqueue(self, waiting: Waiting) -> "Future[Reply]":
        if isinstance(waiting, Probe):
            return super()._enqueue(waiting)
        waiting.future.set_result(Reply(ok=True, seq=1, result=RESULT))
        return waiting.future


if __name__ == "__main__":
    app.Bus = NoStore  # type: ignore[misc]
    run_server(load())
