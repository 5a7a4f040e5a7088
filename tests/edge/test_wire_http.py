"""The HTTP twin: the same answers as over sockets, one error shape, and nothing that ends in a 500."""

import json
import logging
from typing import Any

import pytest
import requests
from running_house import BREAD, MILK, House, bearer, eventually, hidden_token, raw_post, raw_request

from kiosk_server.config import LimitsConfig

COMMANDS = "/api/v1/commands"


def test_http_and_socket_give_the_same_answers(house: House) -> None:
    token = house.enrols("lane-1", "lane")
    lane, same_lane = house.screen(token), bearer(token)
    by_socket = lane.gives("scan_item", key="k1", code=BREAD)
    assert house.gives("scan_item", same_lane, key="k1", code=BREAD) == by_socket
    for name, data in [
        ("scan_item", {"code": "nonsense!"}),
        ("scan_item", {"code": "4006381333930"}),
        ("scan_item", {"code": "4" * 10_240}),
        ("scan_item", {}),
        ("scan_itme", {}),
        ("confirm_cash", {"basket_id": "x", "received_cents": 1}),
    ]:
        by_http = house.gives(name, same_lane, **data)
        assert lane.gives(name, **data) == by_http
        assert by_http["ok"] is False
    snapshot = house.get("/api/v1/screen", same_lane).json()
    fresh = house.screen(token).snapshots[0]
    assert snapshot["state"] == fresh["state"]
    assert snapshot["seq"] == fresh["seq"]


def test_every_refusal_has_its_status(house: House) -> None:
    lane = bearer(house.enrols("lane-1", "lane"))
    wanted = {
        "nonsense!": (422, "bad_code"),
        "4006381333930": (422, "bad_check_digit"),
        "4" * 10_240: (422, "code_too_long"),
        "4006381333948": (422, "unknown_item"),
    }
    for code, (status, name) in wanted.items():
        body = json.dumps({"key": f"k{len(code)}{status}{name}", "name": "scan_item", "data": {"code": code}}).encode()
        found_status, shape = raw_post(house, COMMANDS, body, lane)
        assert (found_status, shape["code"]) == (status, name)
        assert set(shape) <= {"ok", "code", "message", "details"}
        assert shape["message"].endswith(".")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"NaN",
        b"[" * 60_000,
        b'{"a":' * 5_000,
        b'{"key":"k","name":"scan_item","data":{"code":' + b"1" * 5_000 + b"}}",
        b'{"key":"k","name":"void_line","data":{"line_id":' + b"1" * 5_000 + b"}}",
        b'{"key":"k","name":"void_line","data":{"line_id":9223372036854775808}}',
        b'{"key":"k","name":"scan_item","data":{"code":"4","quantity":1e400}}',
        b'{"key":"k","name":"scan_item","data":{"code":"4","quantity":NaN}}',
        b'{"key":"k","name":"scan_item","data":{"code":"4","quantity":true}}',
        b'{"key":"k","name":"scan_item","data":{"code":null}}',
        b'{"key":"k","name":"scan_item","data":{"code":"\xff"}}',
        b'{"key":"\\ud800","name":"finish"}',
        b'{"key":"k","name":"finish","data":{"x":1}}',
        b'{"key":"k\\u0000","name":"finish"}',
        b'{"key":"' + b"k" * 65 + b'","name":"finish"}',
        b'{"key":"k","name":"finish"} trailing',
    ],
    ids=range(21),
)
def test_hostile_bodies_are_bad_requests(house: House, body: bytes) -> None:
    lane = bearer(house.enrols("lane-1", "lane"))
    status, shape = raw_post(house, COMMANDS, body, lane)
    assert (status, shape["code"]) == (400, "bad_request"), shape
    assert house.gives("scan_item", lane, code=MILK)["ok"]


def test_lone_surrogates_in_a_command_are_refused(house: House) -> None:
    lane = bearer(house.enrols("lane-1", "lane"))
    status, shape = raw_post(house, COMMANDS, b'{"key":"k","name":"scan_item","data":{"code":"\\ud800"}}', lane)
    assert status == 400, shape


def test_order_over_64_kibibytes_is_too_large(house: House) -> None:
    lane = bearer(house.enrols("lane-1", "lane"))
    body = b'{"key":"k","name":"scan_item","data":{"code":"' + b"4" * 70_000 + b'"}}'
    status, shape = raw_post(house, COMMANDS, body, lane)
    assert (status, shape["code"]) == (413, "too_large")


def test_body_over_a_mebibyte_is_too_large(house: House) -> None:
    lane = bearer(house.enrols("lane-1", "lane"))
    head = b"POST /api/v1/commands HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n" % house.port
    head += b"Authorization: " + lane["Authorization"].encode() + b"\r\nContent-Type: application/json\r\n"
    answer = raw_request(house, head + b"Content-Length: 2000000000\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413")


def test_post_without_json_is_refused(house: House) -> None:
    lane = bearer(house.enrols("lane-1", "lane"))
    answer = requests.post(house.url + COMMANDS, data={"key": "k"}, headers=lane, timeout=30)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_nobody_gets_nothing(house: House) -> None:
    for path in ("/api/v1/screen", "/api/v1/items", "/api/v1/terminals", "/api/v1/journal", "/api/v1/receipts/1"):
        answer = house.get(path)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in"), path
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        wrong = house.get(path, bearer("wrong"))
        assert wrong.status_code == 401, path


def test_lane_may_not_look_over_the_counter(house: House) -> None:
    lane = bearer(house.enrols("lane-1", "lane"))
    for path in ("/api/v1/terminals", "/api/v1/journal"):
        assert house.get(path, lane).status_code == 403, path
    for path in ("/api/v1/catalog/import", "/api/v1/staff/codes"):
        answer = requests.post(house.url + path, json={"key": "k", "batch": "b"}, headers=lane, timeout=30)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), path


def test_search_finds_items(house: House) -> None:
    lane = bearer(house.enrols("lane-1", "lane"))
    found = house.get("/api/v1/items?q=MILK&limit=5", lane).json()["items"]
    assert [item["item_id"] for item in found] == [MILK]
    assert house.get("/api/v1/items?q=&limit=5", lane).json() == {"items": []}
    assert house.get("/api/v1/items?q=diesel&kind=menu", lane).json() == {"items": []}


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=x", "limit=" + "9" * 5000, "kind=car", "colour=red", "q=" + "x" * 201],
    ids=lambda query: query[:12],
)
def test_bad_parameters_are_refused_naming_them(house: House, query: str) -> None:
    answer = house.get(f"/api/v1/items?{query}", house.local())
    assert answer.status_code == 400
    assert answer.json()["details"]["field"] == query.partition("=")[0]


def test_odd_searches_never_fail(house: House) -> None:
    for text in ("%00", "%ff%fe", '"', "*", "a*b", "NEAR(", "(((", "-", "👍", "٤٤", "%ed%a0%80", "' OR 1=1 --"):
        assert house.get(f"/api/v1/items?q={text}", house.local()).status_code == 200, text


@pytest.mark.parametrize("number", ["0", "999", "-1", "1.5", "x", "9" * 30, "9" * 5000, "٤", "1%0a"])
def test_receipt_that_is_not_there(house: House, number: str) -> None:
    for path in ("/api/v1/receipts/", "/receipt/"):
        assert house.get(path + number, house.local()).status_code == 404, path


def sold(house: House, lane: dict[str, str]) -> dict[str, Any]:
    house.gives("scan_item", lane, code=MILK)
    house.gives("scan_item", lane, code=BREAD, quantity=2)
    basket = house.gives("choose_tender", lane, tender="cash")["result"]["basket_id"]
    reply = house.gives("confirm_cash", house.local(), basket_id=basket, received_cents=1000)
    receipt: dict[str, Any] = reply["result"]["receipt"]
    return receipt


def test_receipt_is_the_lanes_own(house: House) -> None:
    lane, other = bearer(house.enrols("lane-1", "lane")), bearer(house.enrols("lane-2", "lane"))
    receipt = sold(house, lane)
    number = receipt["number"]
    assert house.get(f"/api/v1/receipts/{number}", lane).json() == receipt
    assert house.get(f"/api/v1/receipts/{number}", house.local()).json() == receipt
    assert house.get(f"/api/v1/receipts/{number}", other).status_code == 404


def test_receipt_page_prints_in_the_customers_language(house: House) -> None:
    lane = bearer(house.enrols("lane-1", "lane"))
    number = sold(house, lane)["number"]
    german = house.get(f"/receipt/{number}?lang=de", lane).text
    assert "6,17\u00a0€" in german
    assert "Rückgeld" in german
    arabic = house.get(f"/receipt/{number}?lang=ar", lane).text
    assert 'lang="ar" dir="rtl"' in arabic
    assert "<bdi>Whole milk 1 l</bdi>" in arabic
    unknown = house.get(f"/receipt/{number}?lang=<script>", lane).text
    assert 'lang="en"' in unknown
    assert "<script>" not in unknown
    assert 'id="print" hidden>Print</button>' in unknown


def test_pages_say_what_happened_and_programs_get_json(house: House) -> None:
    page = house.get("/nowhere", {"Accept": "text/html"})
    assert page.status_code == 404
    assert page.headers["Content-Type"].startswith("text/html")
    assert "nothing at this address" in page.text
    assert house.get("/nowhere", {"Accept": "application/json"}).json()["code"] == "not_found"
    assert house.get("/api/v1/nowhere").json()["code"] == "not_found"


def test_wrong_method_is_405_and_names_the_right_ones(house: House) -> None:
    answer = requests.delete(house.url + COMMANDS, headers=house.local(), timeout=30)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]


def test_fault_of_ours_is_one_shape_without_a_trace(house: House, caplog: pytest.LogCaptureFixture) -> None:
    def fails() -> None:
        raise RuntimeError("secret detail")

    view = house.app.view_functions["api.items"]
    house.app.view_functions["api.items"] = fails
    try:
        answer = house.get("/api/v1/items", house.local())
    finally:
        house.app.view_functions["api.items"] = view
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret" not in answer.text
    assert "secret detail" in caplog.text


def test_enrolment_makes_a_browser_the_terminal(house: House) -> None:
    token = house.enrols("lane-1", "lane")
    answer = house.get(f"/enrol/{token}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/lane")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    cookies = {"kiosk_terminal": token}
    assert house.get("/", cookies=cookies).headers["Location"] == "/lane"
    assert house.get("/manager", cookies=cookies).status_code == 403
    assert house.get("/api/v1/screen", cookies=cookies).json()["state"]["terminal"]["name"] == "lane-1"


def test_retired_terminals_page_says_so_and_not_sign_in(house: House) -> None:
    cookies = {"kiosk_terminal": house.enrols("lane-1", "lane")}
    assert house.get("/lane", cookies=cookies).headers["Set-Cookie"].startswith("kiosk_terminal=")
    house.gives("retire_terminal", terminal="lane-1")
    eventually(lambda: house.get("/lane", cookies=cookies).status_code == 401)
    assert "not enrolled here (any more)" in house.get("/lane", cookies=cookies).text
    assert house.get("/lane").headers["Location"] == "/signin"


def test_unbuilt_screens_say_how_to_build_them(house: House, tmp_path: Any) -> None:
    house.kiosk.shell.manifest_path = tmp_path / "nothing.json"
    page = house.get("/lane", cookies={"kiosk_terminal": house.enrols("lane-1", "lane")})
    assert page.status_code == 503
    assert "python hatch_build.py" in page.text
    half_written = tmp_path / "manifest.json"
    half_written.write_text('{"lane": {"js"')
    house.kiosk.shell.manifest_path = half_written
    assert house.get("/healthz").status_code == 200
    half_written.write_text('{"lane": {"js": "lane-1.js", "css": null}, "build": "x"}')
    page = house.get("/lane", cookies={"kiosk_terminal": house.enrols("lane-2", "lane")})
    assert 'src="/static/app/lane-1.js"' in page.text
    assert f'data-build="{house.kiosk.build}"' in page.text
    assert "stylesheet" not in page.text


def test_wrong_enrolment_is_told_and_slowed_down(house: House) -> None:
    answers = [house.get("/enrol/wrong") for _ in range(12)]
    assert answers[0].status_code == 401
    assert "terminal add" in answers[0].text
    assert "Set-Cookie" not in answers[0].headers
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) >= 1


def test_code_signs_in_once(house: House) -> None:
    code = house.kiosk.first_code()
    first, second = requests.Session(), requests.Session()
    with first, second:
        assert signs_in(house, first, code.lower().replace("-", " ")).headers["Location"] == "/manager"
        refused = signs_in(house, second, code)
        assert refused.status_code == 401
        assert "wrong, used or older" in refused.text
        assert first.get(house.url + "/api/v1/screen", timeout=30).json()["screen"] == "manager"


def test_looking_at_a_code_spends_nothing(house: House) -> None:
    code = house.kiosk.first_code()
    assert f'value="{code}"' in house.get(f"/signin?code={code}").text
    with requests.Session() as browser:
        assert signs_in(house, browser, code).status_code == 303


def test_signin_form_of_another_site_is_refused(house: House) -> None:
    with requests.Session() as browser:
        page = browser.get(house.url + "/signin", timeout=30).text
        form = {"code": house.kiosk.first_code(), "csrf_token": hidden_token(page)}
        foreign = browser.post(house.url + "/signin", data=form, headers={"Origin": "http://evil"}, timeout=30)
        assert foreign.status_code == 403
        form["csrf_token"] = "0" * 64
        forged = browser.post(house.url + "/signin", data=form, headers={"Origin": house.url}, timeout=30)
        assert forged.status_code == 403


def test_signing_in_is_slowed_down_after_ten_tries(house: House) -> None:
    with requests.Session() as browser:
        statuses = [signs_in(house, browser, "XXXX-XXXX").status_code for _ in range(12)]
    assert statuses[0] == 401
    assert statuses[-1] == 429


def test_terminal_that_sends_too_fast_is_told_to_wait(tmp_path: Any) -> None:
    with House(tmp_path, limits=LimitsConfig(commands_per_s=1)) as house:
        lane = bearer(house.enrols("lane-1", "lane"))
        replies = [house.gives("scan_item", lane, code=MILK) for _ in range(6)]
        assert [reply["ok"] for reply in replies[:4]] == [True] * 4
        assert replies[-1]["code"] == "too_many"
        assert replies[-1]["details"]["retry_after_s"] >= 1
        console = bearer(house.enrols("console", "manager"))
        for _ in range(6):
            house.gives("resolve_intervention", console, intervention_id="x")
        assert house.gives("stop_all_pumps", console)["ok"], "an emergency stop is never slowed down"


def test_health_and_readiness(house: House) -> None:
    assert house.get("/healthz").json()["status"] == "alive"
    ready = house.get("/readyz")
    assert (ready.status_code, ready.json()["checks"]) == (200, {"write": "ok", "read": "ok"})
    house.kiosk.bus.stop(5)
    not_ready = house.get("/readyz")
    assert (not_ready.status_code, not_ready.json()["code"]) == (503, "unavailable")
    assert not_ready.json()["details"]["checks"]["read"] == "ok"
    assert house.get("/healthz").status_code == 200


def test_metrics_count_commands_by_outcome(house: House) -> None:
    lane = house.lane("lane-1")
    lane.scans(MILK)
    lane.scans("nonsense!")
    lane.leaves()
    house.lane("lane-2")
    assert house.get("/healthz", {"Host": "evil.example"}).status_code == 421
    text = eventually(lambda: has(house.get("/metrics").text, "kiosk_sockets_closed_total{"))
    assert "kiosk_last_backup_age_seconds -1.0" in text
    assert 'kiosk_guard_drops_total{door_reason="request: ' in text
    assert 'kiosk_commands_total{name="scan_item",outcome="ok"} 1.0' in text
    assert 'kiosk_commands_total{name="scan_item",outcome="bad_code"} 1.0' in text
    assert 'kiosk_connections{screen="lane"} 1.0' in text
    assert f"kiosk_journal_seq {house.kiosk.bus.head_seq}" in text


def test_log_never_holds_a_token_or_code(house: House, caplog: pytest.LogCaptureFixture) -> None:
    token, code = house.enrols("lane-1", "lane"), house.kiosk.first_code()
    with caplog.at_level(logging.DEBUG):
        house.get(f"/enrol/{token}")
        house.get(f"/signin?code={code}")
        house.get("/api/v1/screen", bearer(token))
        house.lane("lane-2").scans(MILK)
    # urllib3 is the test's own client.
    records = [record for record in caplog.records if not record.name.startswith("urllib3")]
    told = "".join(f"{record.getMessage()} {vars(record)}" for record in records)
    assert "/enrol/<token>" in told
    for secret in (token, code, house.kiosk.local_token):
        assert secret not in told


def test_batch_outside_the_staging_folder_is_refused(house: House) -> None:
    (house.data_dir / "secret.json").write_text("[]")
    for name in ("../secret.json", "/etc/passwd", "..", ".hidden", "a/b", "a\\b", "", "x" * 200, "b\n"):
        body = {"key": "k", "batch": name}
        answer = requests.post(house.url + "/api/v1/catalog/import", json=body, headers=house.local(), timeout=30)
        assert answer.status_code in (400, 404), name
        assert answer.json()["ok"] is False
    body = {"key": "k", "batch": "gone.json"}
    gone = requests.post(house.url + "/api/v1/catalog/import", json=body, headers=house.local(), timeout=30)
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")


def has(text: str, wanted: str) -> str | None:
    return text if wanted in text else None


def signs_in(house: House, browser: requests.Session, code: str) -> requests.Response:
    page = browser.get(house.url + "/signin", timeout=30).text
    form = {"code": code, "csrf_token": hidden_token(page)}
    return browser.post(
        house.url + "/signin", data=form, headers={"Origin": house.url}, timeout=30, allow_redirects=False
    )
