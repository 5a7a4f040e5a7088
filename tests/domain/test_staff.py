"""Secrets that are good enough, names that are the same, waits after wrong tries, and who may decide about whom."""

import pytest

from kiosk_server.domain.errors import OutOfRange
from kiosk_server.domain.network_order import parse, to_allow, to_quarantine
from kiosk_server.domain.staff import (
    LOCKS_S,
    Role,
    SecretKind,
    StaffRole,
    check_secret,
    fold_name,
    is_trivial,
    lock_s,
    may_manage,
    tidy_secret,
)


@pytest.mark.parametrize(
    "pin",
    ["0000", "1234", "8901", "9876", "2468", "1212", "123123", "112233", "998877", "111111", "123456", "13571357"],
)
def test_patterned_pin_is_trivial(pin: str) -> None:
    assert is_trivial(pin)
    with pytest.raises(OutOfRange):
        check_secret(pin, StaffRole.ATTENDANT, "Ada")


@pytest.mark.parametrize("pin", ["4711", "2580", "1379", "294718", "830264", "100200"])
def test_pin_without_a_pattern_is_not(pin: str) -> None:
    assert not is_trivial(pin)


@pytest.mark.parametrize("role", StaffRole)
def test_managers_need_six_digits_and_others_four(role: StaffRole) -> None:
    is_high = role in {StaffRole.MANAGER, StaffRole.OWNER}
    assert check_secret("294718", role, "Ada") is SecretKind.PIN
    if is_high:
        with pytest.raises(OutOfRange) as refused:
            check_secret("4711", role, "Ada")
        assert refused.value.details["at_least"] == 6
    else:
        assert check_secret("4711", role, "Ada") is SecretKind.PIN
    for wrong in ("471", "4711471147114"):
        with pytest.raises(OutOfRange):
            check_secret(wrong, role, "Ada")


@pytest.mark.parametrize(
    "password", ["", "short7x", "aaaaaaaaaa", "abababab", "password1", "Ada Lovelace", "xxADAxx99"]
)
def test_guessable_password_is_refused(password: str) -> None:
    with pytest.raises(OutOfRange):
        check_secret(password, StaffRole.ATTENDANT, "Ada")


def test_password_of_any_script_is_good() -> None:
    for password in ("correct horse", "كلمة سر طويلة", "пароль-длинный", "長い合言葉です元気"):
        assert check_secret(tidy_secret(password), StaffRole.OWNER, "Ada") is SecretKind.PASSWORD


def test_pin_is_the_same_on_every_keyboard() -> None:
    assert tidy_secret("٢٩٤٧١٨") == tidy_secret("２９４７１８") == "294718"
    assert tidy_secret("²³¹⁴") == "²³¹⁴", "superscripts are no decimal digits"
    assert tidy_secret("e\u0301t\u00a0é") == tidy_secret("ét é")
    assert tidy_secret("") == ""


def test_names_are_compared_as_people_read_them() -> None:
    assert fold_name(" OLGA  Ärzte") == fold_name("olga a\u0308rzte") == fold_name("Ｏlga\u00a0Ärzte")
    assert fold_name("Straße") == fold_name("STRASSE")
    assert fold_name("Ada") != fold_name("Ida")


def test_waits_follow_the_table() -> None:
    waits = [lock_s(tries) for tries in range(1, 14)]
    assert waits == [0, 0, 0, 0, 60, 0, 0, 0, 0, 1800, 1800, 1800, 1800]
    assert LOCKS_S == {5: 60, 10: 1800}


@pytest.mark.parametrize("actor", Role)
def test_who_may_decide_about_whom(actor: Role) -> None:
    below = {StaffRole.ATTENDANT, StaffRole.KITCHEN, StaffRole.CASHIER}
    allowed = {Role.OWNER: set(StaffRole), Role.LOCAL: set(StaffRole), Role.MANAGER: below}
    assert {target for target in StaffRole if may_manage(actor, target)} == allowed.get(actor, set())


@pytest.mark.parametrize("text", ["", "x", "10.0.0.1/8", "10.0.0.0/33", "300.1.1.1", "10.0.0.0/-1", "١٠.0.0.1"])
def test_odd_network_is_refused(text: str) -> None:
    with pytest.raises(OutOfRange):
        parse(text)


@pytest.mark.parametrize(
    "text", ["8.8.8.8", "172.32.0.0/16", "0.0.0.0/0", "10.0.0.0/7", "::/0", "2001:db8::/32", "169.254.0.0/16"]
)
def test_one_tap_lets_no_public_network_in(text: str) -> None:
    with pytest.raises(OutOfRange):
        to_allow(text)


def test_private_networks_are_let_in_in_their_usual_spelling() -> None:
    assert to_allow("10.1.2.3") == "10.1.2.3/32"
    assert to_allow("FD00:0::7") == "fd00::7/128"
    assert to_allow("192.168.0.0/255.255.0.0") == "192.168.0.0/16"


@pytest.mark.parametrize("text", ["127.0.0.1", "126.0.0.0/7", "::1", "0.0.0.0/0", "::/0"])
def test_this_machine_is_never_turned_away(text: str) -> None:
    with pytest.raises(OutOfRange):
        to_quarantine(text)


@pytest.mark.parametrize("text", ["::ffff:10.0.0.7", "::ffff:a00:7/128", "::FFFF:10.0.0.0/104", "::ffff:127.0.0.1"])
def test_ipv4_in_ipv6_spelling_is_not_turned_away_in_name_only(text: str) -> None:
    with pytest.raises(OutOfRange):
        to_quarantine(text)
