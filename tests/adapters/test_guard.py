"""The playground is for a browser on this very machine, from a page of ours."""

from unittest.mock import Mock

import pytest
from aiohttp.test_utils import make_mocked_request

from adapters.playground.guard import is_local
from tests.adapters.scene import Scene

PATHS = ["/", "/p/asa-nystrom", "/static/krets.css", "/dev/clock", "/p/asa-nystrom/live"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "krets.example.org"},
        {"Host": "localhost.example.org"},
        {"Host": "127.0.0.1.example.org"},
        {"Host": "10.0.0.1"},
        {"Host": ""},
        {"Host": "localhost:x"},
        {"Forwarded": "for=10.0.0.1"},
        {"X-Forwarded-For": "10.0.0.1"},
        {"x-forwarded-host": "localhost"},
        {"X-Real-IP": "127.0.0.1"},
        {"Via": "1.1 proxy"},
    ],
)
async def test_it_is_absent_for_everybody_else(
    scene: Scene, path: str, headers: dict[str, str]
) -> None:
    await scene.fill()
    assert (await scene.get(path, **headers)).status == 404


@pytest.mark.parametrize(
    ("peer", "local"),
    [("127.0.0.1", True), ("::1", True), ("10.0.0.5", False), ("203.0.113.9", False), ("", False)],
)
def test_a_name_of_this_machine_is_not_enough_from_elsewhere(peer: str, local: bool) -> None:
    transport = Mock()
    transport.get_extra_info.side_effect = {"peername": (peer, 4711)}.get
    headers = {"Host": "localhost:8080"}
    request = make_mocked_request("GET", "/", headers=headers, transport=transport)
    assert is_local(request) is local


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "[::1]", "[::1]:80"]
)
async def test_it_is_there_under_every_name_of_this_machine(scene: Scene, host: str) -> None:
    await scene.fill()
    assert (await scene.get("/p/asa-nystrom", Host=host)).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://example.org"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Origin": "https://example.org", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
async def test_nothing_is_done_for_a_page_from_elsewhere(
    scene: Scene, headers: dict[str, str]
) -> None:
    await scene.fill()
    for path in ("/dev/sample", "/dev/clock", "/p/asa-nystrom/say"):
        assert (await scene.post(path, {}, **headers)).status == 403


async def test_nothing_is_done_for_nobody_knows_whom(scene: Scene) -> None:
    assert (await scene.client.post("/dev/sample", json={})).status == 403


async def test_a_browser_that_tells_the_site_is_believed(scene: Scene) -> None:
    headers = {"Sec-Fetch-Site": "same-origin"}
    assert (await scene.client.post("/dev/sample", json={}, headers=headers)).status == 200


async def test_only_json_is_read(scene: Scene) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await scene.post("/dev/sample", {}, **form)).status == 415
    assert (await scene.post("/dev/sample", {}, **{"Content-Type": "text/plain"})).status == 415
