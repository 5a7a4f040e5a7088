"""The HTTP interface against its own description, by Schemathesis: whoever asks, whatever they send.

A running house over TCP; requests that fit the description and requests that break it. Every answer must be described:
its status, its Content-Type, its shape. Never a 5xx; what does not fit is refused, what fits is not called malformed.
"""

import secrets
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from running_house import PATIENCE_S, FromAddress, House, bearer
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from kiosk_server.config import LimitsConfig
from kiosk_server.edge import openapi

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
COMMANDS = "POST /api/v1/commands"
MANY = {GenerationMode.POSITIVE: 40, GenerationMode.NEGATIVE: 10}
FEW = 2


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("house"), limits=LimitsConfig(commands_per_s=1000)) as running:
        yield running


@pytest.fixture(scope="module")
def line() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.mount("http://", FromAddress("127.0.0.2"))
        yield session


def described(house: House) -> Any:
    """The served description without its catch-all, so that a status nobody wrote down is found."""
    document = house.get("/openapi.json").json()
    for rows in document["paths"].values():
        for row in rows.values():
            del row["responses"]["default"]
    return schemathesis.openapi.from_dict(document)


def headers_of(house: House, who: str) -> dict[str, str]:
    if who == "nobody":
        return {"Origin": house.url}
    if who == "local":
        return house.local() | {"Origin": house.url}
    return bearer(house.enrols(f"{who} {secrets.token_hex(4)}", who)) | {"Origin": house.url}


def with_whole_numbers(body: Any) -> Any:
    """JSON Schema calls 1.0 an integer; no screen of ours writes it, and the wire is stricter than it has to be."""
    if isinstance(body, dict):
        return {name: with_whole_numbers(value) for name, value in body.items()}
    if isinstance(body, list):
        return [with_whole_numbers(value) for value in body]
    return int(body) if isinstance(body, float) and body.is_integer() else body


class Asker:
    """Somebody who sends what Schemathesis makes up, and has every answer checked."""

    def __init__(self, house: House, line: requests.Session, who: str) -> None:
        self.house = house
        self.line = line
        self.headers = headers_of(house, who)
        self.seen: Counter[tuple[str, int]] = Counter()

    def asks(self, operation: Any, mode: GenerationMode) -> None:
        @settings(
            max_examples=MANY[mode] if operation.label == COMMANDS else FEW,
            deadline=None,
            database=None,
            derandomize=True,  # the same requests in every run: what fails here fails again
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate,),
        )
        @given(case=operation.as_strategy(mode))
        def ask(case: Any) -> None:
            self.ask(case, mode)

        try:
            ask()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE, operation.label  # there is nothing in it to get wrong

    def ask(self, case: Any, mode: GenerationMode) -> None:
        case.body = with_whole_numbers(case.body)
        answer = case.call(
            base_url=self.house.url,
            session=self.line,
            headers=self.headers,
            allow_redirects=False,
            timeout=PATIENCE_S,
        )
        self.seen[case.operation.label, answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)
        if mode is GenerationMode.POSITIVE and answer.status_code == 400:
            # A handler may still ask for more (whose basket?), but no field is called wrong.
            assert "field" not in answer.json().get("details", {}), (case.as_curl_command(), answer.text)


@pytest.mark.parametrize("who", ["lane", "manager", "local", "nobody"])
def test_every_answer_is_described_whoever_asks(house: House, line: requests.Session, who: str) -> None:
    asker = Asker(house, line, who)
    operations = [found.ok() for found in described(house).get_all_operations()]
    for operation in operations:
        for mode in GenerationMode:
            asker.asks(operation, mode)

    assert {label for label, _ in asker.seen} == {operation.label for operation in operations}
    assert asker.seen["GET /api/v1/items", 401 if who == "nobody" else 200]
    assert asker.seen[COMMANDS, 401 if who == "nobody" else 400]
    assert asker.seen[COMMANDS, 401 if who == "nobody" else 403 if who == "lane" else 200]


@pytest.mark.parametrize("who", ["stall", "pump", "kitchen"])
def test_every_screen_is_as_described(house: House, line: requests.Session, who: str) -> None:
    asker = Asker(house, line, who)
    for found in described(house).include(path="/api/v1/screen").get_all_operations():
        asker.asks(found.ok(), GenerationMode.POSITIVE)

    assert list(asker.seen) == [("GET /api/v1/screen", 200)]


def test_other_methods_are_refused_with_those_there_are(house: House, line: requests.Session) -> None:
    paths: dict[str, set[str]] = {}
    for method, rule in openapi.OPERATIONS:
        paths.setdefault(openapi.rule_as_path(rule), set()).add(method.upper())
    for path, methods in paths.items():
        address = house.url + path.replace("{", "").replace("}", "")
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - methods:
            answer = line.request(method, address, headers=house.local(), timeout=PATIENCE_S, allow_redirects=False)
            assert answer.status_code == 405, (method, path, answer.text)
            assert methods <= set(answer.headers["Allow"].split(", ")), (method, path)


def test_body_of_another_kind_or_size_is_refused_by_name(house: House, line: requests.Session) -> None:
    for path in ("/api/v1/commands", "/api/v1/catalog/import"):
        for kind, body, status, code in (
            ("text/plain", "{}", 415, "unsupported_media_type"),
            ("application/json", "1" * 70_000, 413, "too_large"),
            ("application/json", "[" * 10_000, 400, "bad_request"),
        ):
            answer = line.post(
                house.url + path,
                data=body,
                headers={**house.local(), "Content-Type": kind},
                timeout=PATIENCE_S,
            )
            assert (answer.status_code, answer.json()["code"]) == (status, code), (path, answer.text)
