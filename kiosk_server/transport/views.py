"""Lets any Flask view take a WebSocket, not only those whose route says `websocket=True`.

Werkzeug answers 400 before the view when a request asks to upgrade and its route does not say so. Whether a WebSocket
is wanted is for the view to decide here, by calling `accept` or by answering as usual: a server may ignore the wish to
upgrade (RFC 9110 7.8). Routes that do say so are found first, as ever.
"""

from __future__ import annotations

from typing import Any

from werkzeug.routing import WebsocketMismatch


def open_all_views(app: Any) -> None:
    """Teach a Flask application; other applications, and one that knows already, are left as they are."""
    original = getattr(app, "create_url_adapter", None)
    if original is None or getattr(original, "opens_all_views", False):
        return

    def create_url_adapter(request: Any) -> Any:
        adapter = original(request)
        if adapter is not None and adapter.websocket:
            adapter.match = _Matcher(adapter.match)
        return adapter

    create_url_adapter.opens_all_views = True  # type: ignore[attr-defined]
    app.create_url_adapter = create_url_adapter


class _Matcher:
    """`MapAdapter.match` with a second try, as for a request that does not ask to upgrade."""

    def __init__(self, match: Any) -> None:
        self._match = match

    def __call__(self, *args: Any, **options: Any) -> Any:
        try:
            return self._match(*args, **options)
        except WebsocketMismatch:
            return self._match(*args, **{**options, "websocket": False})
