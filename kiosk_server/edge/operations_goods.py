"""The rows of `operations.py` about goods, baskets and promotions."""

from kiosk_server.edge.operation import (
    LOCAL,
    NUMBER,
    SIGNED_IN,
    STAFF,
    TEXT,
    Operation,
    closed,
    done,
    list_of,
    path,
    query,
    rows_of,
)
from kiosk_server.edge.schemas import KEY, ref, struct_of

GOODS: dict[tuple[str, str], Operation] = {
    ("get", "/api/v1/produce"): Operation(
        summary="What is picked from pictures at a scale, what sells most first, and the categories there are.",
        tag="api",
        who=SIGNED_IN,
        answer=struct_of("Produce", {"items": rows_of(ref("Item")), "categories": rows_of(TEXT)}, "Produce."),
        refused=(400, 401),
        parameters=(
            query("category", {"type": "string", "maxLength": 64, "default": ""}, "One of the categories; all of it."),
            query("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 60}, "How many at most."),
        ),
    ),
    ("get", "/api/v1/pictures/<item_id>"): Operation(
        summary="The picture of an item that has a `picture`.",
        tag="api",
        who=SIGNED_IN,
        answer=TEXT,
        media="image/*",
        refused=(401, 404),
        parameters=(path("item_id", "The item's id."),),
    ),
    ("get", "/api/v1/baskets"): Operation(
        summary="Parked baskets, oldest first.",
        tag="api",
        who=STAFF,
        answer=list_of("baskets", ref("Basket")),
        refused=(401, 403),
    ),
    ("get", "/api/v1/baskets/<basket_id>/lines/<line_id>/why"): Operation(
        summary="Why a line costs what it does, rule by rule: any for staff, those of its own basket for a terminal.",
        tag="api",
        who=SIGNED_IN,
        answer=ref("Why"),
        refused=(401, 404),
        parameters=(path("basket_id", "The basket."), path("line_id", "The line's number in it.")),
    ),
    ("post", "/api/v1/promotions/import"): Operation(
        summary="Put a staged batch of promotions in force in one transaction.",
        tag="administration",
        who=LOCAL,
        refused=(400, 401, 403, 404, 413, 415, 422, 503),
        body=closed(
            "PromotionsOrder",
            {
                "key": KEY,
                "batch": {"type": "string", "pattern": "^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$"},
                "source": {"type": "string", "maxLength": 500},
                "is_all": {"type": "boolean", "description": "Those that are not in the batch end."},
            },
            "A file in staged/.",
            ("source", "is_all"),
        ),
        answer=done(
            {"added": NUMBER, "changed": NUMBER, "unchanged": NUMBER, "ended": NUMBER, "unknown_items": rows_of(TEXT)}
        ),
    ),
}
