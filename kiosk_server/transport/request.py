"""What an HTTP request may not look like. Pure functions over bytes; RFC 9112 where a rule has a source.

waitress is careful already; these are the forms that it lets pass or waits for, each of them a known way to make two
HTTP parsers disagree.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

_METHOD_START: Final = re.compile(rb"[A-Z]")
_START_LINE: Final = re.compile(rb"[!-~]+ [!-~]+ HTTP/1\.[01]")
# Of a doubled X-Forwarded-For some take the first and some the last: no one to believe.
_ONCE: Final = (b"content-length", b"transfer-encoding", b"host", b"x-forwarded-for", b"x-forwarded-proto")


def fault_in_opening(block: bytes) -> str | None:
    """Judge a head that has not ended yet, so that what can never become one is not waited for."""
    start = block.lstrip(b"\r\n")
    if start and not _METHOD_START.match(start):
        return "This is not HTTP."  # a TLS hello, for one
    if block.count(b"\n") != block.count(b"\r\n"):
        return "A line ends in a bare LF."  # RFC 9112 2.2
    return None


def fault_in_head(head: bytes) -> str | None:
    """Judge a complete head, from the start line to its last header."""
    start_line, _, rest = head.partition(b"\r\n")
    if not _START_LINE.fullmatch(start_line.rstrip(b" ")):
        return "The request line is not that of HTTP/1.0 or HTTP/1.1."
    lines = rest.split(b"\r\n")
    if any(line[:1] in (b" ", b"\t") for line in lines):
        return "A header is folded."  # RFC 9112 5.2
    seen = Counter(line.partition(b":")[0].lower() for line in lines)
    return _fault_in_framing(seen, is_old=start_line.rstrip(b" ").endswith(b"1.0"))


def _fault_in_framing(seen: Mapping[bytes, int], *, is_old: bool) -> str | None:
    if any(seen.get(name, 0) > 1 for name in _ONCE):
        return "A header that stands once stands twice."
    if b"transfer-encoding" in seen:
        if b"content-length" in seen:
            return "Both Content-Length and Transfer-Encoding are there."  # RFC 9112 6.3
        if is_old:
            return "HTTP/1.0 knows no Transfer-Encoding."
    if b"host" not in seen and not is_old:
        return "The Host header is missing."  # RFC 9112 3.2
    return None


def fault_in_target(path: str, authority: str, headers: Mapping[str, str]) -> str | None:
    """Judge the decoded path, and the authority of an absolute-form target."""
    if "\0" in path:
        return "The path holds a NUL."
    if not path.startswith("/") and path != "*":
        return "The path does not begin with a slash."
    if ".." in path.split("/"):
        return "The path climbs."
    if authority and authority.lower() != headers.get("HOST", "").lower():
        return "The target names another host than the Host header."
    return None
