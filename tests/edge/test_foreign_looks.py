"""What a page of another site can make a browser ask for must not keep its owner from signing in."""

import pytest
import requests
from running_house import PATIENCE_S, House
from test_porter_house import a_browser, hires, posts, signs_in

ANOTHER_SITE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image", "Sec-Fetch-Mode": "no-cors"}


@pytest.mark.parametrize("path", ["/enrol/wrong", "/welcome?code=BCDFGHJK", "/signin?code=BCDFGHJK", "/r/1.x"])
def test_pictures_on_another_sites_page_use_up_nobodys_tries(house: House, path: str) -> None:
    hires(house, "Olga")
    for _ in range(40):
        requests.get(house.url + path, headers=ANOTHER_SITE, timeout=PATIENCE_S)
    with a_browser() as browser:
        assert signs_in(house, browser, "Olga").status_code == 303
    token = house.enrols("lane-1", "lane")
    assert requests.get(f"{house.url}/enrol/{token}", timeout=PATIENCE_S, allow_redirects=False).status_code == 303


@pytest.mark.parametrize("again", ["x", "y"])
def test_who_has_used_up_their_tries_learns_nothing_of_a_code(house: House, again: str) -> None:
    with a_browser("127.0.0.9") as browser:
        for _ in range(25):
            posts(house, browser, "/welcome", code="BCDFGHJK", secret="x", again=again)
        page = posts(house, browser, "/welcome", code=house.kiosk.first_code(), secret="x", again=again).text
        assert 'role="alert"' in page
        assert 'name="again"' not in page
