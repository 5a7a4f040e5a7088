"""One row a route: what it is for, who may ask, what goes in and comes out. `openapi.py` draws the document from it."""

from kiosk_server.edge.operation import (
    ANYBODY,
    LOCAL,
    MANAGERS,
    NUMBER,
    SIGNED_IN,
    STAFF,
    TEXT,
    Operation,
    closed,
    done,
    list_of,
    page,
    path,
    query,
    rows_of,
)
from kiosk_server.edge.operations_cards import CARDS
from kiosk_server.edge.operations_goods import GOODS
from kiosk_server.edge.operations_inquiries import INQUIRIES
from kiosk_server.edge.operations_paper import PAPERWORK
from kiosk_server.edge.operations_scales import SCALES
from kiosk_server.edge.operations_service import SERVICE
from kiosk_server.edge.schemas import KEY, NAME, Schema, ref, struct_of

_ROW = struct_of(
    "Row",
    {
        "seq": NUMBER,
        "at": NUMBER,
        "type": TEXT,
        "key": TEXT,
        "by": TEXT,
        "terminal": TEXT,
        "data": {"type": "object"},
    },
    "One row of the journal.",
)
_STATUS = struct_of("Status", {"ok": {"const": True}, "status": TEXT}, "A verdict.")

OVERSIGHT: dict[tuple[str, str], Operation] = {
    ("get", "/api/v1/staff"): Operation(
        summary="Everybody of the staff, where they are signed in, and who is locked out.",
        tag="oversight",
        who=MANAGERS,
        refused=(401, 403),
        answer=struct_of(
            "Staff", {"staff": rows_of(ref("StaffRow")), "sessions": rows_of(ref("SessionRow"))}, "Staff."
        ),
    ),
    ("get", "/api/v1/pairings"): Operation(
        summary="Browsers that ask to become terminals.",
        tag="oversight",
        who=MANAGERS,
        refused=(401, 403),
        answer=list_of("pairings", ref("Pairing")),
    ),
    ("get", "/api/v1/network"): Operation(
        summary="Who is connected from where, the networks in force and why, who was turned away last.",
        tag="oversight",
        who=MANAGERS,
        refused=(401, 403),
        answer=ref("NetworkView"),
    ),
    ("get", "/api/v1/network/explain"): Operation(
        summary="Would an address get in, and as what?",
        tag="oversight",
        who=MANAGERS,
        refused=(400, 401, 403),
        answer=ref("Explanation"),
        parameters=(
            {**query("address", TEXT, "Where they would come from."), "required": True},
            query("host", TEXT, "The Host header that they would send."),
            query("forwarded", TEXT, "The X-Forwarded-For header, where address is a proxy."),
            query("scheme", {"enum": ["http", "https"], "default": "https"}, "What the proxy's client spoke."),
        ),
    ),
    ("get", "/api/v1/pairing"): Operation(
        summary="How it stands with this browser's pairing code; once confirmed, the terminal's cookie comes with it.",
        tag="entrance",
        who=ANYBODY,
        refused=(404, 429),
        answer=struct_of(
            "PairingState",
            {
                "state": {"enum": ["pending", "denied", "confirmed"]},
                "code": TEXT,
                "interval_s": NUMBER,
                "expires_in_s": NUMBER,
                "screen": TEXT,
            },
            "`screen` is where to go, once confirmed; until then, ask again after `interval_s`.",
            ("code", "interval_s", "expires_in_s", "screen"),
        ),
    ),
}

_TRUTH: Schema = {"type": "boolean"}
_OR_NONE = {"anyOf": [NUMBER, {"type": "null"}]}
_FEED_ITEM: Schema = {
    "type": "array",
    "description": "item_id, name, price_cents (null: no price of its own), code (null: the item_id)",
    "items": {"anyOf": [TEXT, {"type": "integer"}, {"type": "null"}]},
    "minItems": 4,
    "maxItems": 4,
}
_SYSTEM: dict[str, Schema] = {
    **dict.fromkeys(
        ("head_seq", "store_bytes", "disk_free_bytes", "disk_warn_bytes", "disk_stop_bytes", "now"), NUMBER
    ),
    **dict.fromkeys(("backup_at", "backup_seq", "backup_bytes", "drill_at"), _OR_NONE),
    "drill_problem": TEXT,
    "is_checked": {"type": "boolean"},
    "trouble": {"anyOf": [TEXT, {"type": "null"}]},
    **{key: {"anyOf": [ref("Said"), {"type": "null"}]} for key in ("trouble_said", "drill_said")},
    "version": TEXT,
}
_PAST: dict[str, Schema] = {
    **dict.fromkeys(("seq", "at", "row_at", "first_at", "last_at"), NUMBER),
    "screen": TEXT,
    "state": ref("ManagerScreen"),
}

OPERATIONS: dict[tuple[str, str], Operation] = {
    ("post", "/api/v1/commands"): Operation(
        summary="Give one command; the answer comes after its commit.",
        tag="api",
        who=SIGNED_IN,
        body=ref("Order"),
        answer=ref("Done"),
        refused=(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
    ),
    ("get", "/api/v1/screen"): Operation(
        summary="The caller's whole screen, as the snapshot of a socket.",
        tag="api",
        who=SIGNED_IN,
        answer=ref("Snapshot"),
        refused=(401, 403),
    ),
    ("get", "/api/v1/items"): Operation(
        summary="Items found by words of their name or by code.",
        tag="api",
        who=SIGNED_IN,
        answer=list_of("items", ref("Item")),
        refused=(400, 401),
        parameters=(
            query("q", {"type": "string", "maxLength": 200, "default": ""}, "Words or a code."),
            query("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}, "How many at most."),
            query("kind", ref("ItemKind"), "Only items of this kind."),
        ),
    ),
    ("get", "/api/v1/catalog"): Operation(
        summary="The groceries that are new or changed since a cursor, for lanes that lose the line.",
        tag="api",
        who=SIGNED_IN,
        answer=struct_of(
            "Feed",
            {"items": rows_of(_FEED_ITEM), "cursor": TEXT, "is_anew": _TRUTH, "is_last": _TRUTH},
            "Ask again with this cursor until `is_last`; before the items of one that `is_anew`, forget all others.",
        ),
        refused=(400, 401),
        parameters=(
            query("cursor", {"type": "string", "maxLength": 64, "default": ""}, "That of the last answer, if any."),
            query("limit", {"type": "integer", "minimum": 1, "maximum": 2000, "default": 2000}, "How many at most."),
        ),
    ),
    ("get", "/api/v1/terminals"): Operation(
        summary="All terminals with their state and presence.",
        tag="api",
        who=STAFF,
        answer=list_of("terminals", ref("Tile")),
        refused=(401, 403),
    ),
    ("get", "/api/v1/journal"): Operation(
        summary="Events after a number, oldest first.",
        tag="api",
        who=STAFF,
        answer=list_of("events", _ROW),
        refused=(400, 401, 403),
        parameters=(
            query("since", {"type": "integer", "minimum": 0, "maximum": 2**53, "default": 0}, "The last seq known."),
            query("limit", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}, "How many at most."),
        ),
    ),
    **PAPERWORK,
    **CARDS,
    **SCALES,
    **SERVICE,
    **INQUIRIES,
    ("get", "/api/v1/receipts/<number>"): Operation(
        summary="One receipt: any for staff, its own for a terminal.",
        tag="api",
        who=SIGNED_IN,
        answer=ref("Receipt"),
        refused=(401, 404),
        parameters=(path("number", "The receipt's number."),),
    ),
    ("get", "/api/v1/system"): Operation(
        summary="How the store is: size, disk, backups, the last restore drill, whether it can be written.",
        tag="api",
        who=STAFF,
        answer=struct_of("System", _SYSTEM, "The state of the box."),
        refused=(401, 403),
    ),
    ("get", "/api/v1/past"): Operation(
        summary="The floor as it stood at a past moment, rebuilt from the journal.",
        tag="api",
        who=MANAGERS,
        answer=struct_of("Past", _PAST, "The console's screen, true right after row `seq`."),
        refused=(400, 401, 403, 404, 503),
        parameters=(
            {
                **query("at", {"type": "integer", "minimum": 0, "maximum": 2**53}, "The moment, ms since 1970 UTC."),
                "required": True,
            },
            query("screen", {"enum": ["manager"], "default": "manager"}, "Whose screen."),
        ),
    ),
    ("post", "/api/v1/catalog/import"): Operation(
        summary="Import a staged batch of items in one transaction.",
        tag="administration",
        who=LOCAL,
        refused=(400, 401, 403, 404, 413, 415, 422, 503),
        body=closed(
            "ImportOrder",
            {
                "key": KEY,
                "batch": {"type": "string", "pattern": "^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$"},
                "source": {"type": "string", "maxLength": 500},
            },
            "A file in staged/.",
            ("source",),
        ),
        answer=done({"added": NUMBER, "changed": NUMBER, "unchanged": NUMBER}),
    ),
    ("post", "/api/v1/staff/codes"): Operation(
        summary="A one-time code, good for 15 minutes: to become the first owner, to sign in, to choose a new secret.",
        tag="administration",
        who=LOCAL,
        body=closed(
            "CodeWish",
            {"person": {"anyOf": [NAME, {"type": "null"}]}, "is_reset": {"type": "boolean"}},
            "Whom it is for.",
            ("person", "is_reset"),
        ),
        answer=done({"code": TEXT, "expires_s": NUMBER, "purpose": TEXT, "person": TEXT}),
        refused=(400, 401, 403, 404, 409, 413, 415, 422, 503),
    ),
    **GOODS,
    **OVERSIGHT,
    ("get", "/openapi.json"): Operation(
        summary="This description.", tag="documents", who=ANYBODY, answer={"type": "object"}
    ),
    ("get", "/asyncapi.json"): Operation(
        summary="The description of the Socket.IO interface.", tag="documents", who=ANYBODY, answer={"type": "object"}
    ),
    ("get", "/healthz"): Operation(summary="The process answers.", tag="health", who=ANYBODY, answer=_STATUS),
    ("get", "/readyz"): Operation(
        summary="The store can be written and read now.",
        tag="health",
        who=ANYBODY,
        answer=_STATUS,
        refused=(429, 503),
    ),
    ("get", "/metrics"): Operation(
        summary="Prometheus' text format; for this machine, unless the settings open it.",
        tag="health",
        who=ANYBODY,
        answer=TEXT,
        media="text/plain",
        refused=(403,),
    ),
    ("get", "/"): Operation(
        summary="To the caller's own screen, or to a pairing code.",
        tag="pages",
        who=ANYBODY,
        media="text/html",
        redirects="to the screen or /pair",
    ),
    **page("lane", "The page of a self-checkout lane."),
    **page("stall", "The page of a drive-in stall."),
    **page("pump", "The page of a fuelling point."),
    **page("kitchen", "The page of a kitchen screen."),
    **page("pickup", "The page of the customers' pick-up board."),
    **page("display", "The page of the public display over the lanes."),
    **page("manager", "The page of the manager's console."),
    ("get", "/receipt/<number>"): Operation(
        summary="A receipt to look at and to print.",
        tag="pages",
        who=SIGNED_IN,
        answer=TEXT,
        media="text/html",
        refused=(401, 404),
        parameters=(path("number", "The receipt's number."), query("lang", TEXT, "One of the store's languages.")),
    ),
    ("get", "/enrol/<token>"): Operation(
        summary="Make this browser the terminal of the token, and go to its screen.",
        tag="entrance",
        who=ANYBODY,
        media="text/html",
        redirects="to the terminal's screen",
        refused=(401, 429),
        parameters=(path("token", "What `kiosk-server terminal add` printed."),),
    ),
    ("get", "/signin"): Operation(
        summary="The forms for name and secret, and for a one-time code.",
        tag="entrance",
        who=ANYBODY,
        answer=TEXT,
        media="text/html",
        parameters=(query("code", TEXT, "Fills the form in; nothing is spent by looking."),),
    ),
    ("post", "/signin"): Operation(
        summary="Prove who you are by name and PIN or password, or by a one-time code, and begin a session.",
        tag="entrance",
        who=ANYBODY,
        form=struct_of(
            "SignInForm", {"person": TEXT, "secret": TEXT, "code": TEXT}, "The form.", ("person", "secret", "code")
        ),
        media="text/html",
        redirects="to the person's screen",
        refused=(401, 403, 429),
    ),
    ("get", "/welcome"): Operation(
        summary="The form behind a one-time code: for the first owner, or for a new secret.",
        tag="entrance",
        who=ANYBODY,
        answer=TEXT,
        media="text/html",
        refused=(401, 429),
        parameters=(query("code", TEXT, "What the server printed; nothing is spent by looking."),),
    ),
    ("post", "/welcome"): Operation(
        summary="Spend the code: become the first owner, or have a new secret; then go to the console.",
        tag="entrance",
        who=ANYBODY,
        form=struct_of(
            "WelcomeForm", {"code": TEXT, "person": TEXT, "secret": TEXT, "again": TEXT}, "The form.", ("person",)
        ),
        media="text/html",
        redirects="to /manager",
        refused=(401, 403, 409, 422, 429),
    ),
    ("get", "/pair"): Operation(
        summary="A pairing code for this browser; once a manager has confirmed it, on to its screen.",
        tag="pages",
        who=ANYBODY,
        media="text/html",
        redirects="to the terminal's screen",
        refused=(429,),
        parameters=(query("again", TEXT, "Anything: a new code."),),
    ),
    ("post", "/signout"): Operation(
        summary="End the session and close its consoles.",
        tag="entrance",
        who=ANYBODY,
        media="text/html",
        redirects="to /signin",
        refused=(403,),
    ),
    ("get", "/static/<path:filename>"): Operation(
        summary="Scripts, styles, fonts and pictures of the screens.",
        tag="pages",
        who=ANYBODY,
        media="*/*",
        answer={},
        refused=(404,),
        parameters=(path("filename", "The file."),),
    ),
}
