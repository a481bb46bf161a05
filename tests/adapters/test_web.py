"""What all platforms share: health, headers, limits, and errors without content."""

import logging

import pytest
from aiohttp import ClientSession, web

from adapters.web import LIMIT, application, runner
from tests.adapters.scene import Scene

CANARY = "Kanariefågel"


async def test_it_is_healthy_while_it_lives_and_ready_when_it_is(scene: Scene) -> None:
    assert (await scene.get("/healthz")).status == 200
    assert (await scene.get("/readyz")).status == 200
    scene.ready[0] = False
    assert (await scene.get("/healthz")).status == 200
    assert (await scene.get("/readyz")).status == 503


async def test_health_is_told_to_any_host_and_through_a_proxy(scene: Scene) -> None:
    headers = {"Host": "krets.example.org", "X-Forwarded-For": "10.0.0.1"}
    assert (await scene.get("/healthz", **headers)).status == 200


@pytest.mark.parametrize("path", ["/", "/healthz", "/nowhere", "/dev/clock"])
async def test_every_answer_has_the_headers_that_keep_it_to_itself(scene: Scene, path: str) -> None:
    headers = (await scene.get(path)).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


async def test_an_error_is_a_number_and_its_phrase(scene: Scene) -> None:
    missing = await scene.get(f"/{CANARY}")
    assert (missing.status, await missing.json()) == (404, {"error": "Not Found"})
    page = await scene.get(f"/{CANARY}", Accept="text/html")
    assert page.content_type == "text/html"
    assert CANARY not in await page.text()
    wrong = await scene.post("/healthz", {})
    assert wrong.status == 405
    assert "GET" in wrong.headers["Allow"]


async def test_a_body_over_the_limit_is_refused(scene: Scene) -> None:
    await scene.fill()
    assert (await scene.act("say", text="x" * (LIMIT - 200))).status == 200
    assert (await scene.act("say", text="x" * LIMIT)).status == 413


async def test_a_fault_is_logged_by_its_type_alone(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    await scene.fill()
    scene.bot.error = RuntimeError(CANARY)
    response = await scene.act("say", text=CANARY)
    assert (response.status, await response.json()) == (500, {"error": "Internal Server Error"})
    assert "POST /p/{who}/say failed: RuntimeError" in caplog.text
    assert CANARY not in caplog.text


async def test_requests_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def ready() -> bool:
        return True

    caplog.set_level(logging.DEBUG)
    serving = runner(application(ready), patience=1)
    await serving.setup()
    site = web.TCPSite(serving, "127.0.0.1", 0)
    await site.start()
    port = serving.addresses[0][1]
    async with ClientSession() as session:
        await session.get(f"http://127.0.0.1:{port}/healthz?{CANARY}")
        await session.get(f"http://127.0.0.1:{port}/{CANARY}")
    await serving.cleanup()
    assert CANARY not in caplog.text
