"""What every response says about itself, and what a request must say to be believed. Pure functions over WSGI.

The door (guard_doors.py) puts these on every response that leaves the application, whoever made it, so that no view
has to remember one. What a page may do at all: load its own scripts, styles, pictures and fonts, and talk to us.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from kiosk_server.edge.hosts import Host, parse_origin

Headers = list[tuple[str, str]]

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
STATIC: Final = "/static/"

# As esbuild names what it bundles: a change of content is a change of name, so these are kept for ever.
_HASHED: Final = re.compile(r"/static/app/(?:[^/]+/)*[^/]+-[A-Z0-9]{8}\.[a-z0-9]+(?:\.map)?")

_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "media-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "connect-src 'self'{sockets}",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_FEATURES: Final = (
    *("accelerometer", "autoplay", "camera", "clipboard-read", "display-capture", "geolocation"),
    *("gyroscope", "hid", "idle-detection", "magnetometer", "microphone", "midi", "payment"),
    *("publickey-credentials-get", "serial", "usb", "xr-spatial-tracking"),
)
_ALLOWED_FEATURES: Final = frozenset({"autoplay"})  # the scan beep and the kitchen chime

FIXED: Final[Mapping[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=({'self' * (name in _ALLOWED_FEATURES)})" for name in _FEATURES),
}
"""The same on every response; whatever a view says instead is replaced."""

# Not no-referrer: with that, browsers send `Origin: null` with a form (Fetch 3.1), which anybody's page can send.
_REFERRER: Final = "same-origin"
_STRICTER_REFERRER: Final = frozenset({"no-referrer"})


def secure(headers: Headers, *, path: str, status: HTTPStatus | int, host: Host | None, scheme: str) -> Headers:
    """The headers of a response, with ours in place of whatever stood there under their names.

    A view may only be stricter: its `Referrer-Policy: no-referrer` stays, and so does a `Cache-Control` that it chose
    for something else than a page.
    """
    chosen = {name.lower(): value for name, value in headers}
    ours = {
        **FIXED,
        "Content-Security-Policy": content_security_policy(host, scheme),
        "Referrer-Policy": _referrer_policy(chosen.get("referrer-policy")),
        "Cache-Control": cache_control(
            path, status, chosen.get("cache-control"), is_page=chosen.get("content-type", "").startswith("text/html")
        ),
    }
    replaced = {name.lower() for name in ours}
    return [(name, value) for name, value in headers if name.lower() not in replaced] + list(ours.items())


def content_security_policy(host: Host | None, scheme: str) -> str:
    """Own things only, nothing inline. The socket is named because older WebKits do not count it as 'self'."""
    socket_scheme = "wss" if scheme == "https" else "ws"
    return _POLICY.format(sockets=f" {socket_scheme}://{host}" if host else "")


def cache_control(path: str, status: HTTPStatus | int, chosen: str | None, *, is_page: bool) -> str:
    """Hashed files for ever, other files after asking, everything else never."""
    if not path.startswith(STATIC):
        return chosen if chosen and not is_page else "no-store"
    if status in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT, HTTPStatus.NOT_MODIFIED):
        return "public, max-age=31536000, immutable" if _HASHED.fullmatch(path) else "no-cache"
    return "no-store"


def _referrer_policy(chosen: str | None) -> str:
    return chosen if chosen in _STRICTER_REFERRER else _REFERRER


# -- what a request must say --


def is_handshake(environ: Mapping[str, Any]) -> bool:
    """Whether the request wants to become a WebSocket."""
    return "websocket" in environ.get("HTTP_UPGRADE", "").lower()


def is_write(environ: Mapping[str, Any]) -> bool:
    """Whether the method may change something, RFC 9110 9.2.1; a method that we do not know may."""
    return environ.get("REQUEST_METHOD", "") not in SAFE_METHODS


def bearer_of(environ: Mapping[str, Any]) -> str:
    """The bearer token of a request, or "". A page of another site cannot send one without asking us first (CORS)."""
    scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").strip(" \t").partition(" ")
    return token.strip(" \t") if scheme.lower() == "bearer" else ""


def has_own_origin(environ: Mapping[str, Any], host: Host, scheme: str) -> bool | None:
    """Whether a page of ours sent this request, by its Origin; None where no Origin is given."""
    origin = environ.get("HTTP_ORIGIN")
    if origin is None:
        return None
    return parse_origin(origin) == host.origin(scheme)
