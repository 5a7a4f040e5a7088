"""The routes by which staff ask before they act; rows of `operations.py`."""

from kiosk_server.edge.operation import ATTENDANTS, NUMBER, STAFF, TEXT, Operation, list_of, path, query, rows_of
from kiosk_server.edge.schemas import Schema, ref, struct_of

_PARKED = struct_of(
    "Parked",
    {"basket_id": TEXT, "terminal": TEXT, "items": NUMBER, "total_cents": NUMBER, "opened_at": NUMBER},
    "A basket that waits to be resumed.",
)
_LEFT = struct_of(
    "LeftLine",
    {"line": ref("Line"), "left": NUMBER, "refunded_cents": NUMBER},
    "A line, how many of its pieces can still be given back, and what was given back for it.",
)
_BACK = struct_of(
    "Back",
    {"kind": ref("TenderKind"), "cents": NUMBER, "masked": TEXT, "scheme": TEXT},
    "What would go back to a payment of this kind.",
)
_REFUNDED = struct_of(
    "Refunded",
    {
        "basket_id": TEXT,
        "state": TEXT,
        "total_cents": NUMBER,
        "reason": TEXT,
        "by": TEXT,
        "receipt_number": {"anyOf": [NUMBER, {"type": "null"}]},
        "payments": rows_of(ref("Payment")),
    },
    "A refund that was made, or is under way while it is `tendering`.",
)
_OFFER: dict[str, Schema] = {
    "number": NUMBER,
    "terminal": TEXT,
    "paid_at": NUMBER,
    "receipt_cents": NUMBER,
    "total_cents": NUMBER,
    "lines": rows_of(_LEFT),
    "backs": rows_of(_BACK),
    "refunds": rows_of(_REFUNDED),
    "why_not": {"enum": ["", "refund", "nothing_left"]},
}
_KIND = struct_of(
    "KindOfHelp", {"kind": ref("InterventionKind"), "count": NUMBER, "median_ms": NUMBER}, "One reason to be needed."
)
_HELP: dict[str, Schema] = {
    "day": TEXT,
    **dict.fromkeys(("settled", "withdrawn", "open", "median_ms", "refunds", "refunded_cents"), NUMBER),
    "kinds": rows_of(_KIND),
}

INQUIRIES: dict[tuple[str, str], Operation] = {
    ("get", "/api/v1/baskets/parked"): Operation(
        summary="Baskets that wait to be resumed, the oldest first.",
        tag="api",
        who=ATTENDANTS,
        answer=list_of("baskets", _PARKED),
        refused=(401, 403),
    ),
    ("get", "/api/v1/baskets/<basket_id>"): Operation(
        summary="One basket with its lines, wherever it stands.",
        tag="api",
        who=ATTENDANTS,
        answer=ref("Basket"),
        refused=(401, 403, 404),
        parameters=(path("basket_id", "The basket's id."),),
    ),
    ("get", "/api/v1/receipts/<number>/refund"): Operation(
        summary="What a receipt still gives back, and to which tenders; changes nothing.",
        tag="api",
        who=STAFF,
        answer=struct_of("RefundOffer", _OFFER, "`total_cents` and `backs` are of the lines asked for, else of all."),
        refused=(400, 401, 403, 404, 422),
        parameters=(
            path("number", "The receipt's number."),
            query("lines", {"type": "string", "maxLength": 1_000, "default": ""}, "`LINExPIECES,...`; empty: all."),
        ),
    ),
    ("get", "/api/v1/gifts"): Operation(
        summary="What the store owes to the holders of gift cards.",
        tag="api",
        who=STAFF,
        answer=struct_of(
            "Liability",
            dict.fromkeys(("cards", "cents", "expired_cards", "expired_cents"), NUMBER),
            "Sums of balances; expired cards are counted apart.",
        ),
        refused=(401, 403),
    ),
    ("get", "/api/v1/today"): Operation(
        summary="How help went on the business day, and what came back.",
        tag="api",
        who=ATTENDANTS,
        answer=struct_of("HelpToday", _HELP, "Medians are from the call to its end, ms."),
        refused=(401, 403),
    ),
}
