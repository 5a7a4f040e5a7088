"""What somebody who may decide about nobody learns, and whom a lockout holds."""

import pytest
from shop import LOCAL, Person, Refused, Shop, refused
from test_handlers_access import NEWER, hires

from kiosk_server.domain import commands as c
from kiosk_server.domain.staff import Identity, Role, StaffRole


@pytest.mark.parametrize("role", [Role.ATTENDANT, Role.CASHIER, Role.KITCHEN])
def test_who_manages_nobody_does_not_learn_who_exists(shop: Shop, role: Role) -> None:
    hires(shop, "Olga", StaffRole.OWNER)
    asking = [Identity(name="Ann", role=role)]
    if role is Role.KITCHEN:
        asking.append(Identity(name="kitchen-1", role=role, terminal="kitchen-1"))
    for who in asking:
        told = set()
        for name in ("Olga", "Nobody"):
            for command in (c.ChangeSecret(person=name, sealed=NEWER), c.SignOutEverywhere(person=name)):
                with shop.changes_nothing(), pytest.raises(Refused) as refusal:
                    shop.asks(command, who)
                told.add((refusal.value.reply.code, str(refusal.value).replace(name, "")))
        assert [code for code, _ in told] == ["forbidden"]


def test_nobody_unlocks_themselves(shop: Shop) -> None:
    olga: Person = hires(shop, "Olga", StaffRole.OWNER)
    otto = hires(shop, "Otto", StaffRole.OWNER)
    for spelling in ("Olga", " olga"):
        with shop.changes_nothing(), refused("forbidden"):
            olga.does(c.UnlockStaff(person=spelling))
    with shop.records("lock_lifted"):
        otto.does(c.UnlockStaff(person="Olga"))
    with shop.records("lock_lifted"):
        shop.asks(c.UnlockStaff(person="Olga"), LOCAL)
