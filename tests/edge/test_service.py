"""Staff at a lane: signed in on its own screen, acting as themselves, and gone without a trace."""

from pathlib import Path

import pytest
import requests
from running_house import MILK, House, bearer

ADA, MIA, COOK = ("Ada", "4711"), ("Mia", "271828"), ("Carl", "8265")
ROLES = {"Ada": "attendant", "Mia": "manager", "Carl": "kitchen"}


class Service:
    """A lane and the people who come to it."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.lane = bearer(house.enrols("L1", "lane"))
        for person, secret in (ADA, MIA, COOK):
            assert house.gives("add_staff", person=person, role=ROLES[person], secret=secret)["ok"]

    def signs_in(self, person: str, secret: str) -> requests.Response:
        return self.house.post("/api/v1/service", {"person": person, "secret": secret}, self.lane)

    def works_as(self, person: str, secret: str) -> dict[str, str]:
        answer = self.signs_in(person, secret)
        assert answer.status_code == 200, answer.text
        assert "Set-Cookie" not in answer.headers, "the browser keeps nothing"
        return bearer(answer.json()["token"])

    def leaves(self, who: dict[str, str]) -> None:
        assert self.house.post("/api/v1/service/end", {}, who).status_code == 200


@pytest.fixture
def service(house: House) -> Service:
    return Service(house)


def test_attendant_decides_at_the_lane_as_themselves(house: House, service: Service) -> None:
    assert house.gives("scan_item", service.lane, code=MILK)["ok"]
    call = house.gives("call_attendant", service.lane)["result"]["intervention_id"]
    assert house.gives("resolve_intervention", service.lane, intervention_id=call)["code"] == "forbidden"
    ada = service.works_as(*ADA)
    answer = house.gives("resolve_intervention", ada, intervention_id=call)
    assert answer["result"]["by"] == "Ada"
    service.leaves(ada)
    assert house.gives("close_terminal", ada, terminal="L1")["code"] == "not_signed_in"


def test_rank_counts_at_the_lane_as_everywhere(house: House, service: Service) -> None:
    ada, switch = service.works_as(*ADA), {"terminal": "L1", "is_on": True}
    assert house.gives("switch_training", ada, **switch)["code"] == "forbidden"
    mia = service.works_as(*MIA)
    assert house.gives("switch_training", mia, **switch)["ok"]


def test_whoever_signs_in_ends_the_session_that_was_forgotten(house: House, service: Service) -> None:
    forgotten = service.works_as(*ADA)
    service.works_as(*MIA)
    assert house.gives("close_terminal", forgotten, terminal="L1")["code"] == "not_signed_in"


def test_wrong_pin_locks_out_by_the_same_rules(service: Service) -> None:
    for _ in range(5):
        assert service.signs_in("Ada", "0000").status_code == 401
    assert service.signs_in(*ADA).status_code == 429


def test_cooks_and_strangers_have_nothing_to_do_there(house: House, service: Service) -> None:
    assert service.signs_in(*COOK).status_code == 403
    body = {"person": "Ada", "secret": "4711"}
    assert house.post("/api/v1/service", body, bearer(house.enrols("S1", "stall"))).status_code == 403
    assert requests.post(f"{house.url}/api/v1/service", json=body, timeout=30).status_code in {401, 403}
    for bad in ({}, {"person": "", "secret": "1"}, {"person": "Ada", "secret": "4711", "role": "owner"}):
        assert house.post("/api/v1/service", bad, service.lane).status_code == 400


def test_token_opens_no_page_by_cookie(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        service = Service(house)
        token = service.works_as(*MIA)["Authorization"].removeprefix("Bearer ")
        page = requests.get(
            f"{house.url}/manager", cookies={"kiosk_terminal": token}, timeout=30, allow_redirects=False
        )
        assert page.status_code in {303, 401}
        assert "Set-Cookie" not in page.headers
