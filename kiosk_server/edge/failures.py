"""The one error shape: what a refused person or program is told, whichever door they came through.

    {"ok": false, "code": "not_for_sale", "message": "what happened, what it means, what to do", "details": {...}}

Programs get it as JSON (an ack, a CONNECT_ERROR, an HTTP body); people get the same words on a plain page.
`STATUS` gives every code its HTTP status; a test fails for a refusal without one.
"""

import logging
import re
from http import HTTPStatus
from typing import Any

import msgspec
from flask import Flask, Response, render_template, request
from markupsafe import Markup, escape
from werkzeug.exceptions import HTTPException

from kiosk_server.domain.errors import Refusal
from kiosk_server.edge import languages

log = logging.getLogger("kiosk.edge")

_TO_TYPE = re.compile("`([^`]{1,80})`")

STATUS: dict[str, int] = {
    # refusals of domain/errors.py
    "bad_request": 400,
    "unknown_command": 400,
    "not_signed_in": 401,
    "forbidden": 403,
    "not_found": 404,
    "bad_code": 422,
    "bad_check_digit": 422,
    "code_too_long": 422,
    "unknown_item": 422,
    "not_for_sale": 409,
    "weight_needed": 409,
    "coupon_not_taken": 409,
    "hand_off_not_taken": 409,
    "wrong_state": 409,
    "illegal_transition": 409,
    "out_of_range": 422,
    "basket_empty": 409,
    "amount_too_small": 422,
    "gift_card_empty": 409,
    "gift_card_expired": 409,
    "unknown_gift_card": 422,
    "scale_not_ready": 409,
    "bagging_disagrees": 409,
    "attendant_needed": 409,
    "key_reused": 422,
    "already_exists": 409,
    "too_many": 429,
    "busy": 503,
    "read_only": 503,
    # answers of HTTP itself, which no command can meet
    "method_not_allowed": 405,
    "not_acceptable": 406,
    "timeout": 408,
    "gone": 410,
    "too_large": 413,
    "address_too_long": 414,
    "unsupported_media_type": 415,
    "wrong_host": 421,
    "head_too_large": 431,
    "internal": 500,
    "unavailable": 503,
}

# What HTTP's own errors say: status -> (code, message). Werkzeug's texts speak to programmers.
HTTP_MESSAGES: dict[int, tuple[str, str]] = {
    400: ("bad_request", "This request could not be understood. Nothing was done; go back and try again."),
    401: ("not_signed_in", "Nobody is signed in here. Sign in, or enrol this terminal again."),
    403: ("forbidden", "This is not open to you. Nothing was done; ask the manager if you think it should be."),
    404: ("not_found", "There is nothing at this address. Check it, or go back to the start page."),
    405: ("method_not_allowed", "This address cannot be used in this way. Nothing was done."),
    406: ("not_acceptable", "This address cannot answer in the form that was asked for."),
    408: ("timeout", "The request took too long to arrive. Nothing was done; try again."),
    410: ("gone", "What was here has been removed for good."),
    413: ("too_large", "What was sent is too large. Nothing was done; send less at once."),
    414: ("address_too_long", "This address is too long. Nothing was done."),
    415: ("unsupported_media_type", "This address takes JSON (Content-Type: application/json). Nothing was done."),
    421: ("wrong_host", "This server does not answer under that name. Use its own address or its configured name."),
    429: ("too_many", "That was too much in too short a time. Nothing was done; wait a moment and try again."),
    431: ("head_too_large", "The head of this request is too large. Nothing was done."),
    500: ("internal", "Something went wrong inside the server. It was written into the log; try again in a moment."),
    503: ("unavailable", "The server cannot answer this now. Nothing was done; try again in a moment."),
}


# The headings of people's pages; the message below them says the rest.
TITLES: dict[int, str] = {
    400: "That did not work",
    401: "Please sign in",
    403: "Not from here",
    404: "Nothing here",
    405: "That did not work",
    413: "Too much at once",
    429: "One moment, please",
    503: "Not just now",
}
USUAL_TITLE = "Something went wrong"


class Failure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The error shape. `details` holds plain JSON values for programs; `message` is for people."""

    code: str
    message: str
    details: dict[str, Any] = {}

    @property
    def status(self) -> int:
        return STATUS.get(self.code, 500)

    def as_wire(self) -> dict[str, Any]:
        return {"ok": False, **msgspec.to_builtins(self)}

    def headers(self) -> dict[str, str]:
        """The HTTP headers that belong to this failure."""
        headers = {"Cache-Control": "no-store"}
        wait_s = self.details.get("retry_after_s", 1 if self.status == HTTPStatus.SERVICE_UNAVAILABLE else None)
        if wait_s is not None:
            headers["Retry-After"] = str(max(1, round(wait_s)))
        if self.code == "not_signed_in":
            headers["WWW-Authenticate"] = 'Bearer realm="kiosk"'
        if self.code == "method_not_allowed" and "allow" in self.details:
            headers["Allow"] = ", ".join(self.details["allow"])
        return headers


def of_refusal(refusal: Refusal) -> Failure:
    return Failure(code=refusal.code, message=refusal.message, details=refusal.details)


def of_http(error: HTTPException) -> Failure:
    """HTTP's own errors in our words; an unknown status keeps its class (4xx bad_request, 5xx internal)."""
    status = error.code or 500
    fallback = 400 if status < HTTPStatus.INTERNAL_SERVER_ERROR else 500
    code, message = HTTP_MESSAGES.get(status, HTTP_MESSAGES[fallback])
    allow = getattr(error, "valid_methods", None)
    details = {"allow": sorted(allow)} if allow else {}
    return Failure(code=code, message=message, details=details)


def internal() -> Failure:
    code, message = HTTP_MESSAGES[500]
    return Failure(code=code, message=message)


def respond(failure: Failure) -> Response:
    """`failure` as the answer to the current request: JSON for programs, a page for people."""
    if wants_json():
        body = msgspec.json.encode(failure.as_wire())
        return Response(body, failure.status, failure.headers(), content_type="application/json")
    page = render_template("message.html", failure=failure, title=TITLES.get(failure.status, USUAL_TITLE))
    return Response(page, failure.status, failure.headers())


def wants_json() -> bool:
    """Is a program asking? By the address first, because curl and scripts say `Accept: */*` everywhere."""
    if request.path.startswith("/api/") or request.path.endswith(".json"):
        return True
    best = request.accept_mimetypes.best_match(("text/html", "application/json"), default="text/html")
    return best == "application/json"


def with_code(message: str) -> Markup:
    """A message as HTML: what stands between backticks is something to type."""
    return Markup(_TO_TYPE.sub(r"<code>\1</code>", str(escape(message))))  # noqa: S704 - escaped one step before


def install(app: Flask) -> None:
    """Let every way of failing end in the one shape."""
    app.jinja_env.filters["with_code"] = with_code
    languages.install(app)
    app.register_error_handler(Refusal, lambda refusal: respond(of_refusal(refusal)))
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(Exception, _answer_fault)


def _answer_http(error: HTTPException) -> Response:
    # A redirect is an HTTPException too (a missing last slash), and aborts may carry a finished response.
    if error.response is not None or (error.code or 500) < HTTPStatus.BAD_REQUEST:
        return error.get_response()  # type: ignore[return-value]
    return respond(of_http(error))


def _answer_fault(error: Exception) -> Response:
    log.error("a request failed", exc_info=error, extra={"method": request.method, "route": str(request.url_rule)})
    return respond(internal())
