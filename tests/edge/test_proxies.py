"""Forwarded headers: whom they make the client, and when they are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from machines import HOUSE

from kiosk_server.edge.guard import Guard, GuardSettings, Reason
from kiosk_server.edge.guard_explain import explain
from kiosk_server.edge.proxies import Admission, Refusal, judge, parse_chain

PROXY = "192.168.1.5"


def ask(forwarded_for, *, peer=PROXY, proto=None, scheme="http", **settings):
    settings = {"trusted_proxies": [PROXY, "127.0.0.2", "10.1.0.0/24"]} | settings
    guard = Guard(GuardSettings.parse(**settings), read=lambda: HOUSE)
    return judge(guard.generation, peer, forwarded_for, proto, scheme)


def client(outcome) -> str | None:
    return outcome.client if isinstance(outcome, Admission) else None


def refusal(outcome) -> tuple[int, Reason] | None:
    return (outcome.status.value, outcome.reason) if isinstance(outcome, Refusal) else None


def test_a_trusted_proxy_speaks_for_its_client():
    outcome = ask("10.0.0.7", proto="https")
    assert outcome.client == "10.0.0.7"
    assert outcome.is_forwarded
    assert (outcome.peer, outcome.scheme) == (PROXY, "https")


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        ("10.0.0.7", "10.0.0.7"),
        ("10.0.0.7, 10.1.0.9", "10.0.0.7"),
        ("8.8.8.8, 10.0.0.7, 10.1.0.9, 192.168.1.5", "10.0.0.7"),
        ("127.0.0.1, 10.0.0.7", "10.0.0.7"),
        ("10.0.0.7,10.1.0.1", "10.0.0.7"),
        ("  10.0.0.7\t", "10.0.0.7"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
    ],
)
def test_the_first_untrusted_from_the_right_is_the_client(chain, expected):
    assert client(ask(chain)) == expected


@pytest.mark.parametrize("chain", ["10.0.0.7, 8.8.8.8", "10.0.0.7, 8.8.8.8, 10.1.0.9", "192.168.1.5, 8.8.8.8"])
def test_a_client_outside_cannot_lend_itself_an_address_inside(chain):
    assert refusal(ask(chain)) == (403, Reason.NOT_ALLOWED)


@pytest.mark.parametrize(
    "chain",
    [
        *(None, "", " ", ",", "10.0.0.7,", ",10.0.0.7", "10.0.0.7,,10.0.0.8", "unknown", "_hidden", "localhost"),
        *("10.0.0.7:80", "[fd00::7]", "[fd00::7]:80", "for=10.0.0.7", '"10.0.0.7"', "010.0.0.7", "10.0.0.7;10.0.0.8"),
        *("10.0.0.7 10.0.0.8", "garbage, 10.0.0.7", "10.0.0.7\x0b", "10.0.0.7\n", "1" * 2000, "10.0.0.7, " * 17),
        *(", ".join(["10.0.0.7"] * 17), "\uff11\uff10.0.0.7", "10.0.0.7\x00"),
    ],
)
def test_a_malformed_header_is_refused_with_400(chain):
    assert refusal(ask(chain)) == (400, Reason.BAD_FORWARDING)


@pytest.mark.parametrize("proto", ["", "HTTPS", "https, http", "ws", "ftp", "https\n"])
def test_a_malformed_scheme_is_refused_with_400(proto):
    assert refusal(ask("10.0.0.7", proto=proto)) == (400, Reason.BAD_FORWARDING)


@pytest.mark.parametrize("chain", [PROXY, "127.0.0.2", "10.1.0.9, 192.168.1.5"])
def test_a_proxys_own_address_earns_its_clients_nothing(chain):
    assert refusal(ask(chain)) == (403, Reason.PROXY_ITSELF)


def test_a_trusted_loopback_proxy_is_no_local_client():
    settings = {"trusted_proxies": ["127.0.0.1"]}
    assert refusal(ask(None, peer="127.0.0.1", **settings)) == (400, Reason.BAD_FORWARDING)
    assert refusal(ask("127.0.0.1", peer="127.0.0.1", **settings)) == (403, Reason.PROXY_ITSELF)
    assert client(ask("10.0.0.7", peer="127.0.0.1", **settings)) == "10.0.0.7"


def test_loopback_counts_only_from_a_proxy_on_this_machine():
    assert client(ask("127.0.0.1", peer="127.0.0.2")) == "127.0.0.1"
    assert refusal(ask("127.0.0.1")) == (403, Reason.FOREIGN_LOOPBACK)
    assert refusal(ask("::1")) == (403, Reason.FOREIGN_LOOPBACK)


@pytest.mark.parametrize("chain", ["8.8.8.8", "10.0.0.8", "garbage", "", "127.0.0.1"])
def test_a_stranger_who_forwards_is_only_himself(chain):
    outcome = ask(chain, peer="192.168.1.9", proto="https")
    assert client(outcome) == "192.168.1.9"
    assert outcome.scheme == "http"
    assert refusal(ask("10.0.0.7", peer="8.8.8.8")) == (403, Reason.NOT_ALLOWED)


def test_public_mode_takes_anybody_over_tls_through_the_proxy_only():
    assert client(ask("8.8.8.8", proto="https", mode="public")) == "8.8.8.8"
    assert client(ask("2001:db8::1", proto="https", mode="public")) == "2001:db8::1"
    assert refusal(ask("8.8.8.8", proto="http", mode="public")) == (403, Reason.NO_TLS)
    assert refusal(ask("8.8.8.8", mode="public")) == (403, Reason.NO_TLS)
    assert refusal(ask("8.8.8.8", proto="https", peer="8.8.8.8", mode="public")) == (403, Reason.PROXY_ONLY)
    assert refusal(ask("8.8.8.8", proto="https", mode="public", deny=["8.8.8.0/24"])) == (403, Reason.DENIED)
    for nobody in ("0.0.0.0", "255.255.255.255", "224.0.0.1", "::", "ff02::1"):
        assert refusal(ask(nobody, proto="https", mode="public")) == (403, Reason.PROXY_ONLY)


ADDRESSES = st.ip_addresses().map(str)


@given(st.lists(ADDRESSES, max_size=6), st.sampled_from(["8.8.8.8", "10.0.0.7"]), st.integers(0, 3))
def test_nothing_left_of_the_client_counts(strangers, real, hops):
    chain = ", ".join([*strangers, real, *["10.1.0.9"] * hops])
    assert client(ask(chain)) == (real if real == "10.0.0.7" else None)


@given(st.text(max_size=60))
def test_any_header_is_a_chain_of_addresses_or_refused(header):
    chain = parse_chain(header)
    assert chain is None or len(chain) == header.count(",") + 1


# -- explain --


def test_explain_tells_the_whole_story():
    guard = Guard(
        GuardSettings.parse(
            allow=["own-subnets", "172.16.9.0/24"], deny=["192.168.1.66"], zones={"manager": ["192.168.1.2"]}
        ),
        read=lambda: HOUSE,
    )
    guard.allow_for("10.0.0.7", 60, "the plumber")
    answer = explain(guard, "192.168.1.9", host="till.local:8080")
    assert answer.would_get_in
    assert (answer.network, answer.closed_zones, answer.open_zones) == ("192.168.1.0/24", ("manager",), ())
    assert "one of our names" in answer.steps[-1]
    networks = {row.network: row for row in answer.networks}
    assert "eth0 has 192.168.1.2" in networks["192.168.1.0/24"].why
    assert networks["192.168.1.66/32"].treatment == "deny"
    assert networks["10.0.0.7/32"].remaining_s == pytest.approx(60, abs=5)
    assert networks["127.0.0.0/8"].remaining_s is None
    assert guard.drops.last() == ()


@pytest.mark.parametrize(
    ("args", "status", "word"),
    [
        (("10.1.2.3",), 403, "no network"),
        (("192.168.1.66",), 403, "network.deny"),
        (("10.1",), 403, "is no address"),
        (("192.168.1.9", "kiosk.lan.evil.com"), 421, "not ours"),
        (("192.168.1.9", "a@b"), 421, "not ours"),
        (("192.168.1.5", None, "8.8.8.8"), 403, "no network"),
        (("192.168.1.5", None, "garbage"), 400, "malformed"),
        (("192.168.1.5",), 400, "missing"),
    ],
)
def test_explain_says_why_not(args, status, word):
    settings = GuardSettings.parse(allow=["192.168.1.0/24"], deny=["192.168.1.66"], trusted_proxies=[PROXY])
    answer = explain(Guard(settings, read=lambda: HOUSE), *args)
    assert not answer.would_get_in
    assert answer.status == status
    assert any(word in step for step in answer.steps)


def test_explain_says_that_a_strangers_forwarding_counts_for_nothing():
    answer = explain(Guard(GuardSettings.parse(), read=lambda: HOUSE), "192.168.1.9", None, "8.8.8.8")
    assert answer.client == "192.168.1.9"
    assert any("counts for nothing" in step for step in answer.steps)
    assert explain(Guard(GuardSettings.parse(), read=lambda: HOUSE), "192.168.1.2").is_own_machine
