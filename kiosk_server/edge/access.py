"""The access log: one record a request, by route and never by path, so that no token or code is ever in it.

Whoever is refused, by whichever room, goes from here into the ledger of refusals too: by the status of the answer, so
that no route can forget it.
"""

import logging

from flask import Flask, Response, g, request

from kiosk_server.edge.door import FrontDoor

log = logging.getLogger("kiosk.access")

# Asked every few seconds by machines; they would bury what people do.
QUIET = frozenset({"health.alive", "health.ready", "health.metrics", "static"})

# Who notes a refusal with more than its route sets `g.is_refusal_noted`.
REFUSALS = {401: "not_signed_in", 403: "forbidden", 429: "too_many"}


def install(app: Flask, door: FrontDoor) -> None:
    @app.before_request
    def note_arrival() -> None:
        g.arrived_s = door.clock.monotonic_s()

    @app.after_request
    def note_answer(response: Response) -> Response:
        rule = str(request.url_rule) if request.url_rule else "(no route)"
        door.metrics.requests.labels(rule, str(response.status_code)).inc()
        if response.status_code in REFUSALS and not g.get("is_refusal_noted"):
            who = g.who.identity.name if "who" in g else ""
            what = f"{request.method} {rule}"
            door.porter.refusals.note(who, request.remote_addr or "", what, REFUSALS[response.status_code])
        # Requests that door 3 turned away never came past note_arrival.
        spent_s = door.clock.monotonic_s() - g.arrived_s if "arrived_s" in g else 0.0
        level = logging.DEBUG if request.endpoint in QUIET and response.status_code < 400 else logging.INFO
        log.log(
            level,
            "%s %s %s",
            request.method,
            rule,
            response.status_code,
            extra={
                "method": request.method,
                "route": rule,
                "status": response.status_code,
                "ms": round(spent_s * 1000, 1),
                "peer": request.remote_addr,
                "who": g.who.identity.name if "who" in g else None,
            },
        )
        return response
