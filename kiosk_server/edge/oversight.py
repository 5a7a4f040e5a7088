"""Who comes in, for managers: people and their sessions, networks and who is connected, who was turned away.

Reads only; orders about people and networks are commands. Only for roles in MANAGEMENT.
"""

import dataclasses
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from flask import Blueprint, Response, request
from msgspec import Meta

from kiosk_server.domain.sentence import as_wire
from kiosk_server.edge import wire
from kiosk_server.edge.api import as_json, calling
from kiosk_server.edge.door import FrontDoor
from kiosk_server.edge.guard_explain import EffectiveNetwork, effective_networks, explain
from kiosk_server.edge.identity import MANAGEMENT
from kiosk_server.edge.registry import OpenSocket
from kiosk_server.store import people

DROPS_SHOWN = 100


class ExplainQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Would this address get in, and as what?"""

    address: Annotated[str, Meta(max_length=64)]
    host: Annotated[str, Meta(max_length=255)] | None = None
    forwarded: Annotated[str, Meta(max_length=500)] | None = None
    scheme: Annotated[str, Meta(pattern="^(http|https)$(?!\n)")] = "https"


def blueprint(door: FrontDoor, open_sockets: Callable[[], list[OpenSocket]]) -> Blueprint:
    """`open_sockets()` are those who are connected now."""
    room = Blueprint("oversight", __name__)

    @room.get("/api/v1/staff")
    def staff() -> Response:
        """Everybody of the staff, where they are signed in, and who is locked out."""
        door.require(MANAGEMENT, "the staff")
        own = calling(door).session_hash
        with door.database.read() as connection:
            members = people.members(connection)
        sessions = [_session(door, session, is_own=session.session_hash == own) for session in _sessions(door)]
        return as_json({"staff": [_member(door, member) for member in members], "sessions": sessions})

    @room.get("/api/v1/pairings")
    def pairings() -> Response:
        """Browsers that ask to become terminals."""
        door.require(MANAGEMENT, "the pairings")
        return as_json({"pairings": list(door.porter.pairings.waiting())})

    @room.get("/api/v1/network")
    def network() -> Response:
        """Who is connected from where, the networks in force and why, and who was turned away last."""
        door.require(MANAGEMENT, "the network")
        guard = door.guard
        counts = guard.drops.counts()
        return as_json(
            {
                "mode": guard.generation.settings.mode.value,
                "own_address": request.remote_addr,
                "connections": [_connection(socket) for socket in open_sockets()],
                "networks": [_network(row) for row in effective_networks(guard)],
                "drops": [dataclasses.asdict(row) for row in guard.drops.last(DROPS_SHOWN)],
                "refusals": list(door.porter.refusals.recent()),
                "drop_counts": [
                    {"door": at.value, "reason": reason.value, "count": count}
                    for (at, reason), count in sorted(counts.items())
                ],
            }
        )

    @room.get("/api/v1/network/explain")
    def explain_network() -> Response:
        """Would an address get in, and as what? Counts nothing and changes nothing."""
        door.require(MANAGEMENT, "the network")
        query = wire.convert_texts(request.args.to_dict(), ExplainQuery)
        answer = explain(door.guard, query.address, query.host, query.forwarded, query.scheme)
        said = {"steps_said": [as_wire(step) for step in answer.steps]}
        texts = {"why": str(answer.why) if answer.why else None, "steps": [str(step) for step in answer.steps]}
        networks = {"networks": [_network(row) for row in answer.networks]}
        return as_json(dataclasses.asdict(answer) | texts | said | networks)

    return room


def _sessions(door: FrontDoor) -> Any:
    return door.identities.sessions.all()


def _member(door: FrontDoor, member: Any) -> dict[str, object]:
    state = door.porter.lockouts.of(f"person:{member.name}")
    return {**msgspec.structs.asdict(member), "wrong_tries": state.tries, "locked_s": state.locked_s}


def _session(door: FrontDoor, session: Any, *, is_own: bool) -> dict[str, object]:
    return {
        "session_id": session.session_id,
        "person": session.identity.name,
        "role": session.identity.role,
        "source": session.source,
        "began_at": session.began_at,
        "idle_s": int(door.clock.monotonic_s() - session.seen_s),
        "is_own": is_own,
    }


def _network(row: EffectiveNetwork) -> dict[str, object]:
    return dataclasses.asdict(row) | {"why": str(row.why), "why_said": as_wire(row.why)}


def _connection(socket: OpenSocket) -> dict[str, object]:
    admission, identity = socket.admission, socket.caller.identity
    return {
        "who": identity.name,
        "role": identity.role,
        "screen": socket.screen,
        "address": admission.client,
        "proxy": admission.peer if admission.is_forwarded else None,
        "network": str(admission.verdict.network),
        "opened_at": socket.opened_at,
    }
