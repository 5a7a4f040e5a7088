"""`kiosk-server network explain`, as somebody in front of a terminal that cannot connect would ask."""

import json

import pytest

from kiosk_server.cli import run


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("KIOSK_DATA_DIR", str(tmp_path))


def ask(capsys, *arguments: str) -> tuple[int, str]:
    code = run(["network", "explain", *arguments])
    out, err = capsys.readouterr()
    return code, out + err


def test_a_neighbour_learns_by_which_network_it_gets_in(capsys):
    code, text = ask(capsys, "--mode", "lan", "10.1.2.3")
    assert code == 0
    assert text.startswith("yes\n")
    assert "10.1.2.3 is let in by 10.0.0.0/8: rfc1918." in text
    assert "127.0.0.0/8" in text


def test_a_stranger_learns_why_not_and_scripts_by_the_exit_code(capsys):
    code, text = ask(capsys, "--mode", "lan", "8.8.8.8")
    assert code == 1
    assert text.startswith("no\n")
    assert "no network that is let in contains it" in text


def test_a_host_and_a_proxy_are_judged_too(capsys):
    proxy = ["--mode", "lan", "--set", "network.trusted_proxies=192.168.1.5"]
    assert ask(capsys, *proxy, "192.168.1.5", "--forwarded", "10.0.0.7", "--host", "localhost")[0] == 0
    code, text = ask(capsys, *proxy, "192.168.1.5", "--forwarded", "10.0.0.7", "--host", "evil.com", "--json")
    answer = json.loads(text)
    assert code == 1
    assert (answer["status"], answer["reason"], answer["client"]) == (421, "wrong_host", "10.0.0.7")


def test_settings_that_cannot_be_kept_are_named(capsys):
    code, text = ask(capsys, "--mode", "public", "10.0.0.7")
    assert code == 78
    assert "network.trusted_proxies" in text


def test_the_doctor_names_settings_that_keep_the_server_from_starting(capsys):
    run(["doctor", "--json", "--set", "mode=public"])
    findings = {finding["what"]: finding for finding in json.loads(capsys.readouterr().out)}
    assert findings["network"]["verdict"] == "bad"
    assert "network.trusted_proxies" in findings["network"]["text"]
