"""A stop: one deadline for all of it, and a port that takes nothing new from its beginning on."""

import asyncio
import logging
import socket
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot import serving
from bot.commands import serve
from bot.ending import Ending
from bot.settings import read_settings
from tests.databases import lay_out
from tests.end_to_end.process import Process, environment

HALF = (
    b"POST /p/anna/press HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n"
    b"Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{"
)


def half(address: str) -> bytes:
    """A request of which the rest never comes."""
    return HALF.replace(b"{host}", urlsplit(address).netloc.encode())


async def refused(host: str, port: int) -> None:
    """Return once nobody listens there any more."""
    while True:
        try:
            _, writer = await asyncio.open_connection(host, port)
        except ConnectionError:  # refused, or reset while it was being closed
            return
        writer.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with a database in it."""
    where = tmp_path / "var"
    lay_out(f"sqlite:///{where / 'krets.db'}")
    return where


async def test_the_port_is_closed_before_what_came_in_is_answered_or_cut_off(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "_ANSWERS", timedelta(seconds=1))
    settings = read_settings({"KRETS_DATA_DIR": str(data), "KRETS_PORT": "0"})
    stop = asyncio.Event()
    started: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    runs = asyncio.create_task(serving.serve(settings, stop, started.set_result))
    address = await started
    host, port = urlsplit(address).hostname, urlsplit(address).port
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(half(address))
    await writer.drain()
    _, idle = await asyncio.open_connection(host, port)
    order: list[str] = []

    async def read() -> None:
        await reader.read()
        order.append("cut off")

    reading = asyncio.create_task(read())
    stop.set()
    await asyncio.sleep(0)
    await refused(str(host), port or 0)
    order.append("closed")
    await reading
    await runs
    assert order == ["closed", "cut off"]
    for one in (writer, idle):
        one.close()


def test_a_process_ends_in_time_whoever_has_sent_half_a_request(data: Path) -> None:
    with Process(environment(data)) as process:
        address = urlsplit(process.address)
        with socket.create_connection((str(address.hostname), address.port or 0)) as sent:
            sent.sendall(half(process.address))
            assert process.stop(within=serving.STOP.total_seconds()) == (0, "", "")


async def test_what_does_not_end_is_cut_off_and_then_left_as_by_a_crash() -> None:
    passed = [0.0]
    ending = Ending(serving.STOP, lambda: passed[0])
    ending.begin()
    begun, released = asyncio.Event(), asyncio.Event()
    cut: list[str] = []

    async def stubborn() -> None:
        while not released.is_set():
            begun.set()
            try:
                await released.wait()
            except asyncio.CancelledError:
                cut.append("cut")

    one = asyncio.create_task(stubborn())
    await begun.wait()
    passed[0] = 9.0
    await serving._finish([one], ending)
    await asyncio.sleep(0)
    assert (cut, one.done()) == (["cut"], False)
    released.set()
    await one


async def test_what_has_failed_is_told_at_the_stop() -> None:
    async def fails() -> None:
        raise KeyError

    with pytest.raises(KeyError):
        await serving._finish([asyncio.create_task(fails())], Ending(serving.STOP, lambda: 0.0))


def test_the_parts_of_a_stop_leave_each_other_time() -> None:
    assert 2 * serving._ANSWERS <= serving.STOP - serving._CLOSE
    assert timedelta(0) < serving._CLOSE < serving._CUT < serving.STOP


def test_a_thread_that_hangs_holds_up_no_stop(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    codes: list[int] = []
    monkeypatch.setattr("os._exit", codes.append)
    with caplog.at_level(logging.WARNING):
        serve._cut_off()
    assert codes == [0]
    assert caplog.messages == ["the stop took too long and was cut off"]
