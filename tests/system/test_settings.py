"""Settings: where they come from, which wins, and how a slip is told."""

import json
from pathlib import Path

import pytest
from store_process import Store

from kiosk_server.cli.settings import as_toml, sample_toml
from kiosk_server.config import SETTINGS, Config, ConfigError, load, parse_address, samples_dir

NOWHERE = {"XDG_CONFIG_HOME": "/nonexistent"}


def test_settings_win_in_their_order_and_name_their_origin(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text('mode = "lan"\nlog_level = "debug"\n[store]\nname = "File"\ncurrency = "USD"\n')
    environment = NOWHERE | {"KIOSK_STORE_NAME": "Environment", "KIOSK_LOG_LEVEL": "error"}

    config = load(files=[file], environ=environment, flags={"log_level": "warning", "listen": ()})

    assert (config.mode, config.store.currency, config.store.name, config.log_level) == (
        "lan",
        "USD",
        "Environment",
        "warning",
    )
    assert config.origins["mode"] == str(file)
    assert config.origins["store.name"] == "environment KIOSK_STORE_NAME"
    assert config.origins["log_level"] == "flag"
    assert config.origins["listen"] == "default"


def test_users_own_file_is_read_without_being_asked_for(tmp_path: Path) -> None:
    (tmp_path / "kiosk-server").mkdir()
    (tmp_path / "kiosk-server" / "config.toml").write_text("[limits]\nthreads = 4\n")

    assert load(environ={"XDG_CONFIG_HOME": str(tmp_path)}).limits.threads == 4


@pytest.mark.parametrize(
    ("environment", "flags", "words"),
    [
        ({"KIOSK_DATADIR": "/x"}, {}, "KIOSK_DATADIR. Did you mean KIOSK_DATA_DIR?"),
        ({"KIOSK_LISTEN": "nonsense:port"}, {}, "'nonsense:port' is no address"),
        ({"KIOSK_LIMITS_THREADS": "many"}, {}, "environment KIOSK_LIMITS_THREADS: limits.threads = 'many'"),
        ({"KIOSK_IS_DEMO": "perhaps"}, {}, "write true or false"),
        ({"KIOSK_STORE_TAX_RATES_BP": "standard=19"}, {}, "standard"),
        ({"KIOSK_DATA_DIR": " "}, {}, "KIOSK_DATA_DIR is empty"),
        ({}, {"data_dir": ""}, "is empty"),
        ({}, {"mode": "open"}, "flag: mode = 'open' cannot be used"),
        ({}, {"mode": "open"}, "write one of: private, lan, public"),
        ({}, {"log_level": "loud"}, "write one of: debug, info, warning, error"),
        ({}, {"limits.threads": "1"}, "Expected `int` >= 2"),
        ({}, {"allow": "10.0.0.0/8"}, "Did you mean 'network.allow'?"),
        ({}, {"store.zone": "Mars/Olympus"}, "no time zone"),
        ({}, {"store.currency": "euro"}, "store.currency"),
        ({}, {"card.readers": "{ lane = 'real' }"}, "card.readers"),
        ({}, {"codes.in_store": "[ '21IIIII' ]"}, "codes.in_store cannot be used: '21IIIII'"),
        ({}, {"codes.in_store": "[ 'eu', '27IIIIIWW.WWW' ]"}, "another rule reads the numbers"),
        ({}, {"codes.minimum_weight_g": 0}, "codes.minimum_weight_g"),
        ({}, {"card.readers": "{ lane = 'virtual' }"}, "flag: card.readers names a virtual reader"),
        ({"KIOSK_PRINTER_ADDRESSES": '{ front = "192.168.1.50" }'}, {}, "front cannot be used, because '192.168.1.50'"),
        ({"KIOSK_PRINTER_ADDRESSES": '{ "a/b" = "virtual" }'}, {}, "printer.addresses"),
        ({"KIOSK_PRINTER_TERMINALS": '{ lane = "front" }'}, {}, "lane prints at 'front', which"),
        ({"KIOSK_RECEIPT_DAYS_READABLE": "0"}, {}, "receipt.days_readable"),
        ({"KIOSK_RECEIPT_BASE_URL": "shop.lan/receipts"}, {}, "receipt.base_url"),
    ],
)
def test_slip_is_told_with_its_place_and_a_guess(
    environment: dict[str, str], flags: dict[str, object], words: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(environ=NOWHERE | environment, flags=flags)

    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("listn = []\n", "no setting 'listn'. Did you mean 'listen'?"),
        ("[netwrk]\nallow = []\n", "no setting 'netwrk'"),
        ("mode = lan\n", "not valid TOML"),
        ("mode = 7\n", "mode = 7 cannot be used"),
    ],
)
def test_slip_in_a_file_is_told_with_its_file(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(text)

    with pytest.raises(ConfigError) as caught:
        load(files=[file], environ=NOWHERE)

    assert words in str(caught.value)
    assert str(file) in str(caught.value)


def test_file_given_by_hand_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(files=[tmp_path / "none.toml"], environ=NOWHERE)


def test_strange_variable_with_our_prefix_is_nobodys_business() -> None:
    assert load(environ=NOWHERE | {"KIOSK_URL": "http://somewhere"}).mode == "private"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:80", ("127.0.0.1", 80)),
        ("[::1]:81", ("::1", 81)),
        (":82", ("0.0.0.0", 82)),
        ("shop.lan", ("shop.lan", 8080)),
        ("[::1]", ("::1", 8080)),
    ],
)
def test_address_is_read_as_people_write_it(text: str, address: tuple[str, int]) -> None:
    assert parse_address(text) == address


def test_policy_knows_printers_and_what_receipts_say(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(
        '[printer]\naddresses = { front = "tcp://10.0.0.9", back = "virtual" }\n'
        'terminals = { L1 = "back", "*" = "front" }\n'
        '[receipt]\naddress = ["Main Street 5"]\ntax_id = "DE1"\ndays_readable = 7\n'
    )

    policy = load(files=[file], environ=NOWHERE).policy

    assert policy.printing.printers == ("front", "back")
    assert policy.printing.printer_of("L1", "lane") == "back"
    assert policy.printing.printer_of("S1", "stall") == "front"
    assert (policy.receipt.address, policy.receipt.tax_id, policy.receipt.days_readable) == (
        ("Main Street 5",),
        "DE1",
        7,
    )


def test_opening_hours_that_mean_nothing_stop_the_start(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text('[lane]\nhours = { "*" = "08:00-20:00", sun = "closed" }\n')
    assert load(files=[file], environ=NOWHERE).policy.lane.hours == {"*": "08:00-20:00", "sun": "closed"}

    file.write_text('[lane]\nhours = { sunday = "8-20" }\n')
    with pytest.raises(ConfigError, match=r"lane.hours cannot be used: 'sunday' is no weekday"):
        load(files=[file], environ=NOWHERE)


def test_private_is_the_default_and_listens_on_loopback_alone() -> None:
    config = load(environ=NOWHERE)

    assert config.mode == "private"
    assert config.addresses == (("127.0.0.1", 8080),)


def test_sample_file_is_current_and_says_the_defaults(tmp_path: Path) -> None:
    assert (samples_dir() / "kiosk.toml").read_text("utf-8") == sample_toml()
    uncommented = tmp_path / "all.toml"
    lines = sample_toml().splitlines()
    wanted = {row.name.rpartition(".")[2] for row in SETTINGS if row.default is not None}
    uncommented.write_text(
        "\n".join(line.removeprefix("# ") if line[2:].split(" = ")[0] in wanted else line for line in lines)
    )

    config = load(files=[uncommented], environ=NOWHERE)

    assert config == Config(origins=config.origins)


def test_values_are_shown_as_toml() -> None:
    assert as_toml(("a", 'b"c')) == '["a", "b\\"c"]'
    assert as_toml({"a": 1, "b": ("c",)}) == '{ a = 1, b = ["c"] }'
    assert as_toml(True) == "true"


def test_every_setting_has_its_help_and_its_variable() -> None:
    assert all(row.help.endswith((".", "}.")) for row in SETTINGS)
    assert len({row.variable for row in SETTINGS}) == len(SETTINGS)


def test_config_show_tells_value_and_origin(store: Store) -> None:
    shown = json.loads(store.runs("config", "show", "--json", "--mode", "lan"))

    assert shown["data_dir"] == {"value": str(store.folder), "origin": "environment KIOSK_DATA_DIR"}
    assert shown["mode"] == {"value": "lan", "origin": "flag"}


def test_unknown_setting_ends_with_the_exit_code_for_configuration(store: Store) -> None:
    said = store.runs("serve", "--set", "store.nmae=x", code=78)

    assert "Did you mean 'store.name'?" in said


def test_wrong_network_setting_ends_with_the_exit_code_for_configuration(store: Store) -> None:
    said = store.runs("serve", "--set", "network.allow=10.0.0.1/8", code=78)

    assert "10.0.0.1/8" in said
