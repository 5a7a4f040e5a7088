"""The routes by which staff sign in at a lane; rows of `operations.py`."""

from kiosk_server.edge.operation import ANYBODY, LANES, Operation, closed
from kiosk_server.edge.schemas import Schema, struct_of

_TEXT: Schema = {"type": "string"}
_OK: Schema = {"const": True}

SERVICE: dict[tuple[str, str], Operation] = {
    ("post", "/api/v1/service"): Operation(
        summary="Sign a person in at the lane that asks. The token is their bearer token, and stands in no cookie.",
        tag="entrance",
        who=LANES,
        body=closed(
            "ServiceSignIn",
            {
                "person": {"type": "string", "minLength": 1, "maxLength": 64},
                "secret": {"type": "string", "minLength": 1, "maxLength": 128},
            },
            "A name and a PIN or password.",
            (),
        ),
        answer=struct_of(
            "Service", {"ok": _OK, "token": _TEXT, "person": _TEXT, "role": _TEXT}, "Who works at this lane now."
        ),
        refused=(400, 401, 403, 413, 415, 429),
    ),
    ("post", "/api/v1/service/end"): Operation(
        summary="End the session of the bearer token; one that is over already is no matter.",
        tag="entrance",
        who=ANYBODY,
        body=closed("Leaving", {}, "Nothing needs to be said.", ()),
        answer=struct_of("Left", {"ok": _OK}, "Nobody is signed in by that token any more."),
        refused=(400, 413, 415),
    ),
}
