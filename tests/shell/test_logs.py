"""Logs are made of what is allowed: no value, no traceback, no word of a person, at any level."""

import ast
import io
import json
import logging
import re
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import text

import bot
from adapters.web import application
from bot import logs
from bot.core.decision import Decision
from bot.core.event import RoomSeen
from tests.shell.stage import ROOM, SHOW, Stage, a_group, press, put

CANARY = "canary4711"
HOUSE = Path(bot.__file__).parents[1]
STYLES = ("text", "json")

log = logging.getLogger("bot.test")


@pytest.fixture(autouse=True)
def restored(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Leave logging as it was."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    for owner, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    logging.captureWarnings(False)
    yield
    logging.captureWarnings(False)
    root.handlers[:] = before
    root.setLevel(level)
    for name in (*logs._QUIET, "aiohttp.server"):
        logging.getLogger(name).setLevel(logging.NOTSET)


def written(capfd: pytest.CaptureFixture[str]) -> list[str]:
    """What stands after the time in each line, in the style of text."""
    return [line.split(" ", 2)[2] for line in capfd.readouterr().err.splitlines()]


# --- what is allowed ----------------------------------------------------------------------------


def test_text_is_one_line_a_record(capfd: pytest.CaptureFixture[str]) -> None:
    logs.set_up("info", "text")
    log.info("the socket is open")
    log.debug("not this one")
    assert written(capfd) == ["INFO bot.test: the socket is open"]


def test_json_is_one_object_a_record_with_the_fields_by_name(
    capfd: pytest.CaptureFixture[str],
) -> None:
    logs.set_up("info", "json")
    log.warning("%(what)s: again in %(seconds).0f s", {"what": "recover", "seconds": 3.2})
    said = json.loads(capfd.readouterr().err)
    assert said.pop("time")
    assert said == {
        "level": "warning",
        "logger": "bot.test",
        "message": "recover: again in 3 s",
        "what": "recover",
        "seconds": 3.2,
    }


@pytest.mark.parametrize(
    ("message", "arguments", "said"),
    [
        ("%s failed", (ValueError(CANARY),), "ValueError failed"),
        ("%s failed", ("ValueError",), "ValueError failed"),
        ("%s failed", ("BadDocument",), "BadDocument failed"),
        ("%d of %.1f", (3, 4.25), "3 of 4.2"),
        ("%s", (CANARY,), "…"),
        ("%s", ([CANARY],), "…"),
        ("%s", ({CANARY: CANARY},), "{}"),
        ("%d", (CANARY,), "%d"),
        ("%s and %s", (CANARY,), "%s and %s"),
        ("%(code)s", ({"code": "channel_not_found"},), "channel_not_found"),
        ("%(code)s", ({"code": f"What {CANARY} said"},), "…"),
        ("%(code)s", ({"code": 3},), "…"),
        ("%(count)s", ({"count": CANARY},), "…"),
        ("%(group)s", ({"group": 3},), "…"),
        ("%(words)s", ({"words": CANARY},), "%(words)s"),
        ("%(code)s", ({"code": "x", CANARY: CANARY},), "x"),
        (ValueError(CANARY), (), "…"),
        ("50 %", (), "50 %"),
    ],
)
def test_what_is_not_allowed_is_not_said(
    message: object, arguments: tuple[object, ...], said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    for style in STYLES:
        logs.set_up("debug", style)
        log.error(message, *arguments)
        line = capfd.readouterr().err
        assert CANARY not in line
        assert (json.loads(line)["message"] if style == "json" else line.split(": ", 1)[1]) == (
            said if style == "json" else f"{said}\n"
        )


def test_of_an_exception_there_is_the_type_and_where_it_came_up(
    capfd: pytest.CaptureFixture[str],
) -> None:
    logs.set_up("debug", "text")
    try:
        logs.Pseudonyms().of(None, 0)  # type: ignore[arg-type]
    except AttributeError:
        log.exception("no name for %s", CANARY)
    try:
        raise ValueError(CANARY)
    except ValueError as error:
        log.error("failed", exc_info=error)
    first, second = written(capfd)
    assert first.startswith("ERROR bot.test: no name for …: AttributeError at bot/logs.py:")
    assert second == "ERROR bot.test: failed: ValueError"


def test_groups_and_people_have_a_name_for_one_day(capfd: pytest.CaptureFixture[str]) -> None:
    def name(formatter: logging.Formatter, id: str, at: float) -> str:
        record = logging.LogRecord("bot.x", logging.INFO, "", 0, "%(person)s", (), None)
        record.args, record.created = {"person": id}, at
        return formatter.format(record).rpartition(" ")[2]

    ours, other = logs.Lines(), logs.Lines()
    morning, evening, next_day = 86_400.0, 86_400 * 1.9, 86_400 * 2.1
    first = name(ours, "anna", morning)
    assert name(ours, "anna", evening) == first
    assert len({first, name(ours, "bo", morning), name(other, "anna", morning)}) == 3
    assert name(ours, "anna", next_day) != first
    assert name(ours, "anna", evening) != first, "yesterday's key is gone"


def test_of_other_libraries_there_is_only_where_from_and_what_type(
    capfd: pytest.CaptureFixture[str],
) -> None:
    logs.set_up("debug", "text")
    for name in ("slack_bolt.App", "sqlalchemy.engine", f"some {CANARY}"):
        logging.getLogger(name).warning("body: %s", CANARY)
        logging.getLogger(name).info(CANARY)
    try:
        raise ValueError(CANARY)
    except ValueError:
        logging.getLogger("aiohttp.client").exception(CANARY)
    logging.getLogger("aiohttp.server").error(CANARY)
    assert written(capfd) == [
        "WARNING slack_bolt.App: -",
        "WARNING sqlalchemy.engine: -",
        "WARNING …: -",
        "INFO …: -",
        "ERROR aiohttp.client: ValueError",
    ]


def test_a_warning_does_not_say_what_it_is_about(capfd: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logs.set_up("debug", "text")
        warnings.warn(f"Expected int but got {CANARY}", UserWarning, stacklevel=1)
    assert written(capfd) == ["WARNING py.warnings: -"]


def test_what_cannot_be_written_is_not_printed_instead(capfd: pytest.CaptureFixture[str]) -> None:
    logs.set_up("debug", "text")
    (handler,) = logging.getLogger().handlers
    assert isinstance(handler, logging.StreamHandler)
    closed = io.StringIO()
    closed.close()
    handler.setStream(closed)
    log.error("%(code)s", {"code": CANARY})
    assert capfd.readouterr().err == ""


class Unfinished:
    def __del__(self) -> None:
        raise ValueError(CANARY)


def test_what_nobody_catches_is_logged_by_its_type(capfd: pytest.CaptureFixture[str]) -> None:
    logs.set_up("error", "text")
    logs.catch_faults()

    def fail() -> None:
        raise LookupError(CANARY)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    Unfinished()
    sys.excepthook(RuntimeError, RuntimeError(CANARY), None)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert written(capfd) == [
        f"CRITICAL bot.logs: nobody has caught this: {name}"
        for name in ("LookupError", "ValueError", "RuntimeError")
    ]


# --- what is logged -----------------------------------------------------------------------------


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call that logs, with where it stands."""
    for room in logs._OURS:
        for file in sorted((HOUSE / room).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    of = node.func.value
                    levels = ("debug", "info", "warning", "error", "exception", "critical", "log")
                    if isinstance(of, ast.Name) and of.id == "log" and node.func.attr in levels:
                        yield f"{file.relative_to(HOUSE)}:{node.lineno}", node


def test_every_call_says_a_constant_sentence() -> None:
    found = list(calls())
    assert len(found) > 20
    for where, call in found:
        first = call.args[0]
        assert isinstance(first, ast.Constant), where
        assert isinstance(first.value, str), where
        named = set(re.findall(r"%\((\w+)\)", first.value))
        assert named <= logs._FIELDS.keys(), f"{where}: no such field"


def test_without_a_name_there_are_only_types_of_exceptions() -> None:
    for where, call in calls():
        sentence = str(ast.literal_eval(call.args[0]))
        for given in () if "%(" in sentence else call.args[1:]:
            assert ast.unparse(given).endswith(".__name__"), f"{where}: give it a field's name"
            assert ast.unparse(given) == "type(error).__name__", f"{where}: give it a field's name"


# --- no word of a person, through our own code --------------------------------------------------


async def spoil(stage: Stage, table: str, column: str, value: str) -> None:
    """Change what is stored, as a fault or a hand at the database may."""

    def change(unit) -> None:
        unit._session.execute(text(f"UPDATE {table} SET {column} = :value"), {"value": value})

    await stage.store.run(change)


@pytest.mark.parametrize("style", STYLES)
async def test_no_error_of_the_store_or_of_a_reader_says_what_it_was_about(
    stage: Stage, style: str, capfd: pytest.CaptureFixture[str]
) -> None:
    logs.set_up("debug", style)

    async def no_group(_: web.Request) -> web.Response:
        await stage.decide(Decision(effects=(put("a", CANARY),)))
        raise AssertionError

    async def no_text(_: web.Request) -> web.Response:
        await stage.decide(Decision(a_group(), (put("a", f"{CANARY}\ud800"),)))
        raise AssertionError

    async def no_document(_: web.Request) -> web.Response:
        await spoil(stage, "groups", "document", json.dumps({"name": [CANARY], "place": CANARY}))
        await stage.bot.handle(press())
        raise AssertionError

    async def no_card(_: web.Request) -> web.Response:
        await stage.decide(Decision(a_group("g1", name=CANARY), (put("a"),)))
        await spoil(stage, "posts", "card", json.dumps({"elements": CANARY}))
        await stage.board.show(SHOW.group)
        raise LookupError(CANARY)

    async def no_room(_: web.Request) -> web.Response:
        await stage.bot.happened(RoomSeen("r", ROOM, f"no {CANARY}"))  # type: ignore[arg-type]
        raise LookupError(CANARY)

    routes = {
        "group": no_group,
        "text": no_text,
        "card": no_card,
        "document": no_document,
        "room": no_room,
    }

    async def ready() -> bool:
        return True

    def mount(app: web.Application) -> None:
        for name, handler in routes.items():
            app.router.add_post(f"/{name}/{{words}}", handler)

    async with TestClient(TestServer(application(ready, mount))) as client:
        for name in routes:
            answer = await client.post(f"/{name}/{CANARY}", data=CANARY)
            assert answer.status == 500
            assert CANARY not in await answer.text()
    logged = capfd.readouterr().err
    assert CANARY not in logged
    for name, error in (
        ("group", "IntegrityError"),
        ("text", "PydanticSerializationError"),
        ("card", "LookupError"),
        ("document", "BadDocument"),
        ("room", "LookupError"),
    ):
        assert f"POST /{name}/{{words}} failed: {error}" in logged
    assert "a cannot be shown: ValidationError" in logged
