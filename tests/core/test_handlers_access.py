"""People, sessions, pairing and networks at the counter: who may decide about whom, and what the journal keeps."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from builders import MILK
from shop import LOCAL, Lane, Person, Shop, refused

from kiosk_server.core.handlers import HANDLERS, ROLES
from kiosk_server.domain import commands as c
from kiosk_server.domain.staff import (
    Identity,
    KeptTime,
    RefusedAccess,
    Role,
    SealedSecret,
    SecretKind,
    SessionEnd,
    StaffRole,
    WrongTries,
)
from kiosk_server.domain.terminal import Kind
from kiosk_server.store import people, secrets
from kiosk_server.store.connection import connect
from kiosk_server.store.repositories import driver_of
from kiosk_server.store.verify import verify

HASH = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g"
SEALED = SealedSecret(kind=SecretKind.PASSWORD, hash=HASH)
NEWER = SealedSecret(kind=SecretKind.PIN, hash=HASH + "2")
TOKEN = "cd" * 32
TERMINALS = {Role.LANE, Role.STALL, Role.PUMP, Role.KITCHEN, Role.PICKUP}
OF_THE_DOOR = {c.SignIn, c.EndSession, c.ReportWrongSecret, c.ReportRefusals, c.KeepTimes}


def hires(shop: Shop, name: str, role: StaffRole, by: Identity = LOCAL) -> Person:
    shop.asks(c.AddStaff(person=name, role=role, sealed=SEALED), by)
    return Person(shop, name, Role(role.value))


def door(name: str = "door") -> Identity:
    return Identity(name=name, role=Role.DOOR)


def signs_in(shop: Shop, person: Person, session_id: str, token_hash: str = TOKEN) -> None:
    name, role = person.identity.name, person.identity.role
    mark = secrets.fingerprint(HASH)
    order = c.SignIn(
        person=name, role=role, session_id=session_id, token_hash=token_hash, source="browser:x", fingerprint=mark
    )
    shop.asks(order, door(name))


@pytest.fixture
def owner(shop: Shop) -> Person:
    return hires(shop, "Olga", StaffRole.OWNER)


@pytest.fixture
def mia(shop: Shop, owner: Person) -> Person:
    return hires(shop, "Mia", StaffRole.MANAGER)


# -- every command, every role --


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("command", c.COMMANDS.values(), ids=c.COMMANDS)
def test_role_gives_exactly_the_commands_of_its_row(shop: Shop, command: type[c.Command], role: Role) -> None:
    """Whoever is not in the row is refused before the handler; whoever is gets as far as the handler."""
    order = an_order(command)
    reply = shop.replies(order, Identity(name="somebody", role=role))
    assert (reply.code == "forbidden" and "may not do this (" in reply.message) == (role not in ROLES[command])
    assert reply.code not in {"internal", "unknown_command"}, reply


def an_order(command: type[c.Command]) -> c.Command:
    """One that decodes; what becomes of it is not asked."""
    values: dict[str, Any] = {
        "code": "4711", "item_id": "x", "line_id": 1, "quantity": 1, "basket_id": "x", "tender": "cash",
        "received_cents": 1, "intervention_id": "x", "ticket_id": "x", "event": "bump", "grade_id": "diesel",
        "terminal": "nowhere", "volume_ml": 1, "kind": "lane", "token_hash": TOKEN, "items": (), "is_on": True,
        "pairing_id": "x", "person": "Nobody", "role": "cashier", "session_id": "x", "source": "browser:x",
        "tries": (), "why": "idle", "locked_s": {}, "sessions": {}, "network": "10.0.0.0/24",
        "unit_price_cents": 1, "measured_g": 1, "placements": (), "payment_id": "x", "outcome": "done",
        "number": "", "promotions": (), "amount_cents": 100, "receipt_number": 1, "reason": "broken", "job_id": "x",
        "has_begun": True,
        "refusals": ({"who": "", "where": "", "what": "", "why": "", "count": 1, "first_at": 0, "last_at": 0},),
    }  # fmt: skip
    import msgspec

    wanted = {field.name for field in msgspec.structs.fields(command) if field.required}
    if command is c.ReportPayment:
        values["outcome"] = "approved"
    return msgspec.convert({name: values[name] for name in wanted}, command)


def test_no_terminal_and_no_small_role_decides_who_comes_in() -> None:
    deciding = {
        *(c.AddStaff, c.ChangeRole, c.RetireStaff, c.UnlockStaff, c.ConfirmPairing, c.DenyPairing),
        *(c.AllowNetwork, c.QuarantineNetwork, c.LiftNetwork, c.AddTerminal, c.RetireTerminal),
    }
    for command in deciding:
        assert ROLES[command] == {Role.MANAGER, Role.OWNER, Role.LOCAL}, command
    assert {command for command, roles in ROLES.items() if Role.DOOR in roles} == OF_THE_DOOR
    assert all(ROLES[command] == {Role.DOOR} for command in OF_THE_DOOR)
    assert set(ROLES) == set(HANDLERS)


# -- people --


def test_manager_adds_those_below_and_nobody_else(shop: Shop, mia: Person) -> None:
    for role in (StaffRole.ATTENDANT, StaffRole.KITCHEN, StaffRole.CASHIER):
        hires(shop, f"New {role}", role, mia.identity)
    for role in (StaffRole.MANAGER, StaffRole.OWNER):
        with shop.changes_nothing(), refused("forbidden"):
            hires(shop, "Eve", role, mia.identity)
    for command in (
        c.RetireStaff(person="Olga"),
        c.UnlockStaff(person="Mia"),
        c.ChangeRole(person="Mia", role=StaffRole.OWNER),
        c.ChangeRole(person="New cashier", role=StaffRole.MANAGER),
        c.ChangeSecret(person="Olga", sealed=NEWER),
        c.SignOutEverywhere(person="Olga"),
    ):
        with shop.changes_nothing(), refused("forbidden"):
            mia.does(command)


@pytest.mark.parametrize(
    "name", ["olga", " OLGA", "Ｏlga", "manager", "Forecourt", "One-time Code", "lane3", "LANE3", "ｌane3"]
)
def test_name_that_is_somebodys_already_is_refused(shop: Shop, owner: Person, lane3: Lane, name: str) -> None:
    code = "bad_request" if name != name.strip() else "already_exists"
    with shop.changes_nothing(), refused(code):
        hires(shop, name, StaffRole.CASHIER)


@pytest.mark.parametrize("name", ["Olga\ufe0f", "Olga\u034f", "Ol\u200bga", "\u3164", "\u2800"])
def test_name_with_what_cannot_be_seen_is_refused(shop: Shop, owner: Person, name: str) -> None:
    for command in (
        c.AddStaff(person=name, role=StaffRole.CASHIER, sealed=SEALED),
        c.AddTerminal(terminal=name, kind=Kind.LANE, token_hash=TOKEN),
        c.ConfirmPairing(code="", terminal=name, kind=Kind.LANE, token_hash=TOKEN),
    ):
        with shop.changes_nothing(), refused("bad_request"):
            owner.does(command)


@pytest.mark.parametrize("name", ["Olga", "olga", "OLGA", "Ｏlga", "Max", "local administrator", "first run"])
def test_terminal_acts_in_nobodys_name(shop: Shop, owner: Person, mia: Person, name: str) -> None:
    hires(shop, "Max", StaffRole.CASHIER)
    owner.does(c.RetireStaff(person="Max"))
    for command in (
        c.AddTerminal(terminal=name, kind=Kind.MANAGER, token_hash=TOKEN),
        c.ConfirmPairing(code="", terminal=name, kind=Kind.MANAGER, token_hash=TOKEN),
    ):
        with shop.changes_nothing(), refused("already_exists"):
            mia.does(command)


def test_retired_name_is_never_given_out_again(shop: Shop, owner: Person) -> None:
    hires(shop, "Max", StaffRole.CASHIER)
    with shop.records("staff_retired"):
        owner.does(c.RetireStaff(person="max"))
    with shop.changes_nothing():
        owner.does(c.RetireStaff(person="Max"))
        with refused("already_exists"):
            hires(shop, "Max", StaffRole.CASHIER)
        with refused("not_found"):
            owner.does(c.ChangeSecret(person="Max", sealed=NEWER))


def test_last_owner_stays(shop: Shop, owner: Person) -> None:
    for command in (c.RetireStaff(person="Olga"), c.ChangeRole(person="Olga", role=StaffRole.MANAGER)):
        with shop.changes_nothing(), refused("wrong_state"):
            shop.asks(command, LOCAL)
    hires(shop, "Otto", StaffRole.OWNER)
    owner.does(c.RetireStaff(person="Olga"))


def test_short_pin_is_no_secret_for_a_manager(shop: Shop, owner: Person) -> None:
    shop.asks(c.AddStaff(person="Max", role=StaffRole.CASHIER, sealed=NEWER), LOCAL)
    with shop.changes_nothing(), refused("wrong_state"):
        owner.does(c.ChangeRole(person="Max", role=StaffRole.MANAGER))
    owner.does(c.ChangeSecret(person="Max", sealed=SEALED))
    with shop.records("role_changed"):
        owner.does(c.ChangeRole(person="Max", role=StaffRole.MANAGER))
    with shop.changes_nothing():
        owner.does(c.ChangeRole(person="Max", role=StaffRole.MANAGER))


def test_terminal_that_is_called_like_a_person_is_not_them(shop: Shop, owner: Person) -> None:
    hires(shop, "Cook", StaffRole.KITCHEN)
    box = Identity(name="Cook", role=Role.KITCHEN, terminal="Cook")
    for command in (c.ChangeSecret(person="Cook", sealed=NEWER), c.SignOutEverywhere(person="Cook")):
        with shop.changes_nothing(), refused("forbidden"):
            shop.asks(command, box)
    with shop.changes_nothing(), refused("wrong_state"):
        shop.asks(c.SignOutEverywhere(), box)


@pytest.mark.parametrize("sealed", [None, SealedSecret(kind=SecretKind.PIN, hash="4711")])
def test_secret_that_was_not_hashed_gets_nowhere(shop: Shop, sealed: SealedSecret | None) -> None:
    with shop.changes_nothing(), refused("bad_request"):
        shop.asks(c.AddStaff(person="Max", role=StaffRole.CASHIER, secret="4711", sealed=sealed), LOCAL)


# -- secrets and sessions --


def test_hash_is_in_no_event_and_old_ones_are_gone(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    olga = hires(shop, "Olga", StaffRole.OWNER)
    signs_in(shop, olga, "s1")
    olga.does(c.ChangeSecret(person="Olga", sealed=NEWER))
    with shop.database.read() as conn:
        kept = dict(driver_of(conn).execute("SELECT owner, value FROM secrets").fetchall())
        rows = driver_of(conn).execute("SELECT data FROM journal").fetchall()
        told = driver_of(conn).execute("SELECT reply FROM command_keys").fetchall()
    assert kept == {"staff:Olga": NEWER.hash}
    assert not [row for row in (*rows, *told) if "argon2" in str(row) or TOKEN in str(row)]
    shop.closes()
    assert verify(tmp_path / "store.db").is_whole


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        ("UPDATE secrets SET value = '$argon2id$mine'", "not the one that was set"),
        ("DELETE FROM secrets", "is gone"),
        ("INSERT INTO secrets VALUES ('staff:Eve', 'x')", "does not know"),
        ("UPDATE staff SET role = 'owner', fingerprint = 'x'", "fingerprint"),
        ("INSERT INTO staff VALUES ('Eve', 'eve', 'owner', 'pin', 'x', 0, 0)", "does not know"),
    ],
)
def test_edited_secret_is_found_by_verify_and_opens_nothing(tmp_path: Path, edit: str, words: str) -> None:
    shop = Shop(tmp_path)
    hires(shop, "Olga", StaffRole.OWNER)
    shop.closes()
    with closing(connect(tmp_path / "store.db", "rw")) as driver:
        driver.execute(edit)
    verdict = verify(tmp_path / "store.db")
    assert words in verdict.problem
    if "secrets" in edit and "Eve" not in edit:
        again = Shop(tmp_path)
        with again.database.read() as conn:
            assert people.member_with_hash(conn, "Olga") is None
        again.closes()


def test_sessions_end_with_the_secret_the_role_and_the_person(shop: Shop, owner: Person) -> None:
    max_ = hires(shop, "Max", StaffRole.CASHIER)
    for command, fact in (
        (c.ChangeRole(person="Max", role=StaffRole.ATTENDANT), "role_changed"),
        (c.SignOutEverywhere(person="Max"), None),
        (c.RetireStaff(person="Max"), "staff_retired"),
    ):
        role = shop.asks(c.UnlockStaff(person="Max"), LOCAL)["role"]
        max_ = Person(shop, "Max", Role(role))
        signs_in(shop, max_, f"one {fact}".replace(" ", "-"))
        signs_in(shop, max_, f"two {fact}".replace(" ", "-"), "ef" * 32)
        with shop.records(*([fact] if fact else []), "signed_out", "signed_out"):
            owner.does(command)
    with shop.database.read() as conn:
        assert people.open_sessions(conn) == ()


def test_person_who_changed_while_signing_in_is_refused(shop: Shop, owner: Person) -> None:
    max_ = hires(shop, "Max", StaffRole.CASHIER)
    owner.does(c.ChangeSecret(person="Max", sealed=NEWER))
    with shop.changes_nothing(), refused("not_signed_in"):
        signs_in(shop, max_, "s1")
    with shop.changes_nothing(), refused("not_signed_in"):
        signs_in(shop, Person(shop, "Nobody", Role.OWNER), "s2")


def test_eleventh_session_ends_the_first(shop: Shop, owner: Person) -> None:
    for number in range(10):
        signs_in(shop, owner, f"s{number}", f"{number:064x}")
        shop.clock.passes(1000)
    with shop.records("signed_out", "signed_in"):
        signs_in(shop, owner, "s10", f"{10:064x}")
    with shop.looks() as repositories:
        assert [session.session_id for session in repositories.sessions_of("Olga")] == [f"s{n}" for n in range(1, 11)]


def test_ending_a_session_twice_ends_it_once(shop: Shop, owner: Person) -> None:
    signs_in(shop, owner, "s1")
    with shop.records("signed_out"):
        shop.asks(c.EndSession(session_id="s1", why=SessionEnd.SIGNED_OUT), door())
    with shop.changes_nothing():
        shop.asks(c.EndSession(session_id="s1", why=SessionEnd.SIGNED_OUT), door())


def test_wrong_tries_and_times_are_kept_and_forgiven(shop: Shop, owner: Person) -> None:
    tries = (
        WrongTries(subject="person:Olga", tries=5, locked_s=60),
        WrongTries(subject="terminal:lane3", tries=5, locked_s=60),
    )
    shop.asks(c.ReportWrongSecret(person="Olga", source="terminal:lane3", tries=tries), door("Olga"))
    signs_in(shop, hires(shop, "Max", StaffRole.CASHIER), "s1")
    kept = c.KeepTimes(locked_s={"person:Olga": 40}, sessions={"s1": KeptTime(age_s=100, idle_s=7)})
    shop.asks(kept, door())
    with shop.database.read() as conn:
        assert {one.subject: one.locked_s for one in people.wrong_tries(conn)} == {
            "person:Olga": 40,
            "terminal:lane3": 0,
        }
        (session,) = people.open_sessions(conn)
    assert (session.age_s, session.idle_s, session.token_hash) == (100, 7, TOKEN)
    shop.asks(c.UnlockStaff(person="Olga"), LOCAL)
    with shop.database.read() as conn:
        assert [one.subject for one in people.wrong_tries(conn)] == ["terminal:lane3"]
    with shop.changes_nothing():
        shop.asks(c.KeepTimes(locked_s={}, sessions={}), door())


def test_name_that_nobody_has_is_not_written_down(shop: Shop) -> None:
    shop.asks(c.ReportWrongSecret(person="my-password", source="terminal:lane3", tries=()), door())
    assert "my-password" not in str(shop.entries()[-1].event)


# -- pairing --


def pairs(name: str = "lane3", kind: Kind = Kind.LANE, token_hash: str = TOKEN, **more: Any) -> c.Command:
    return c.ConfirmPairing(code="X", terminal=name, kind=kind, token_hash=token_hash, **more)


def test_replaced_box_keeps_the_basket_and_loses_its_token(shop: Shop, lane3: Lane, manager: Person) -> None:
    lane3.scans(MILK)
    before = shop.terminal("lane3")
    with shop.changes_nothing(), refused("already_exists", can_replace=True):
        manager.does(pairs())
    with shop.records("terminal_paired"):
        manager.does(pairs(is_replacing=True))
    after = shop.terminal("lane3")
    assert (after.basket_id, after.state, after.token_hash) == (before.basket_id, before.state, TOKEN)


def test_retired_name_comes_back_only_on_purpose_and_clean(shop: Shop, lane3: Lane, manager: Person) -> None:
    lane3.scans(MILK)
    manager.retires("lane3")
    with shop.changes_nothing(), refused("already_exists"):
        manager.does(pairs())
    manager.does(pairs(is_replacing=True))
    after = shop.terminal("lane3")
    assert (after.state, after.basket_id, after.enrolment) == ("attract", None, "active")
    lane3.scans(MILK)


@pytest.mark.parametrize("token_hash", ["", "x", "AB" * 32, TOKEN + "\n"])
def test_pairing_past_the_door_gets_nowhere(shop: Shop, manager: Person, token_hash: str) -> None:
    with shop.changes_nothing(), refused("bad_request"):
        manager.does(pairs(token_hash=token_hash))


# -- the rest of what is only written down --


def test_refusals_denials_and_networks_are_written_down(shop: Shop, manager: Person) -> None:
    row = RefusedAccess(who="", where="10.0.0.7", what="sign_in", why="too_many", count=9, first_at=1, last_at=2)
    with shop.records("access_refused"):
        shop.asks(c.ReportRefusals(refusals=(row,)), door())
    with shop.records("pairing_denied"):
        manager.does(c.DenyPairing(pairing_id="p1", address="10.0.0.7"))
    with shop.records("network_ordered", "network_ordered"):
        manager.does(c.QuarantineNetwork(network="10.0.0.7", why="odd"))
        manager.does(c.AllowNetwork(network="10.0.1.0/24", duration_s=60))
    shop.clock.passes(61_000)
    with shop.records("network_lifted", "network_ordered"):
        manager.does(c.AllowNetwork(network="10.0.2.0/24"))
    with shop.records("network_lifted"):
        manager.does(c.LiftNetwork(network="10.0.0.7"))
    with shop.changes_nothing():
        manager.does(c.LiftNetwork(network="10.0.0.7"))


def test_store_with_all_of_this_is_whole(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    olga = hires(shop, "Olga", StaffRole.OWNER)
    signs_in(shop, olga, "s1")
    shop.asks(c.ReportWrongSecret(person="Olga", source="browser:x", tries=(
        WrongTries(subject="person:Olga", tries=1),)), door())  # fmt: skip
    olga.does(c.QuarantineNetwork(network="10.0.0.7"))
    hires(shop, "Max", StaffRole.CASHIER)
    olga.does(c.RetireStaff(person="Max"))
    shop.closes()
    assert verify(tmp_path / "store.db").problem == ""
    with closing(sqlite3.connect(tmp_path / "store.db")) as driver:
        assert driver.execute("SELECT count(*) FROM secrets").fetchone() == (2,)
