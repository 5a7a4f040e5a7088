"""The routes about receipts and printers; rows of `operations.py`."""

from kiosk_server.edge.operation import (
    ANYBODY,
    MANAGERS,
    NUMBER,
    SIGNED_IN,
    STAFF,
    TEXT,
    Operation,
    closed,
    list_of,
    path,
    query,
)
from kiosk_server.edge.schemas import ref, struct_of
from kiosk_server.hardware.virtual_printer import Trouble

PAPERWORK: dict[tuple[str, str], Operation] = {
    ("get", "/api/v1/receipts"): Operation(
        summary="Receipts, newest first, each with its last print job; without `before` those of sales.",
        tag="api",
        who=STAFF,
        answer=list_of("receipts", ref("ReceiptRow")),
        refused=(400, 401, 403),
        parameters=(
            query("before", {"type": "integer", "minimum": 1, "maximum": 2**53}, "Only numbers below this one."),
            query("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 50}, "How many at most."),
        ),
    ),
    ("get", "/api/v1/receipts/<number>/link"): Operation(
        summary="The address of the customer's own page of a receipt, and until when it opens.",
        tag="api",
        who=SIGNED_IN,
        answer=struct_of(
            "ReceiptLink",
            {"path": TEXT, "url": {"anyOf": [TEXT, {"type": "null"}]}, "until": NUMBER},
            "`url` is null where only this machine could follow it: then the path on the asker's own host may do.",
        ),
        refused=(401, 404),
        parameters=(path("number", "The receipt's number."),),
    ),
    ("get", "/r/<link>"): Operation(
        summary="The receipt behind a link that nobody can guess, for whoever holds it.",
        tag="pages",
        who=ANYBODY,
        answer=TEXT,
        media="text/html",
        refused=(404, 429),
        parameters=(
            path("link", "The receipt's number, a dot, and 22 letters and digits."),
            query("lang", TEXT, "One of the store's languages."),
        ),
    ),
    ("get", "/api/v1/printers"): Operation(
        summary="Every printer of the settings: how much waits there, and what its last job met.",
        tag="api",
        who=STAFF,
        answer=list_of("printers", ref("PrinterRow")),
        refused=(401, 403),
    ),
    ("get", "/api/v1/printers/<name>/roll"): Operation(
        summary="What a virtual printer has printed, as one picture, the newest on top.",
        tag="api",
        who=STAFF,
        answer=TEXT,
        media="image/svg+xml",
        refused=(401, 403, 404),
        parameters=(path("name", "The printer's name."),),
    ),
    ("post", "/api/v1/printers/<name>/trouble"): Operation(
        summary="Let a virtual printer run out of paper, hang, or be well again.",
        tag="api",
        who=MANAGERS,
        body=closed(
            "TroubleWish",
            {"trouble": {"anyOf": [{"enum": [trouble.value for trouble in Trouble]}, {"type": "null"}]}},
            "What it shall suffer from; null: nothing any more.",
            (),
        ),
        answer=struct_of("Troubled", {"ok": {"const": True}, "trouble": {}}, "It does."),
        refused=(400, 401, 403, 404, 413, 415, 422),
        parameters=(path("name", "The printer's name."),),
    ),
}
