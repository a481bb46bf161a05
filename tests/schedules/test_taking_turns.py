"""Whose turn it is within a process."""

import asyncio

import pytest

from schedules.engine import Due, Show
from schedules.turns import PutBack, Turns


async def test_who_gives_up_waiting_holds_nobody_up() -> None:
    turns = Turns(1)
    assert await turns.come(Show("a"))
    second, third = (asyncio.create_task(turns.come(Show(group))) for group in "bc")
    await asyncio.sleep(0)
    second.cancel()
    turns.leave("a")
    assert await third
    with pytest.raises(asyncio.CancelledError):
        await second


async def test_who_gives_up_when_called_up_lets_the_next_one_begin() -> None:
    turns = Turns(1)
    assert await turns.come(Show("a"))
    second, third = (asyncio.create_task(turns.come(Show(group))) for group in "bc")
    await asyncio.sleep(0)
    turns.leave("a")
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    assert await third


async def test_who_gives_up_waiting_may_be_asked_for_again() -> None:
    turns = Turns(1)
    assert await turns.come(Show("a"))
    for stop in (False, True):
        second = asyncio.create_task(turns.come(Show("b")))
        await asyncio.sleep(0)
        second.cancel()
        if stop:
            turns.stop()
        with pytest.raises(asyncio.CancelledError):
            await second
    with pytest.raises(PutBack):
        await turns.come(Show("b"))


async def test_after_the_stop_nothing_begins() -> None:
    turns = Turns(1)
    assert await turns.come(Show("a"))
    waiting = asyncio.create_task(turns.come(Due("a", 1, "close", "")))
    await asyncio.sleep(0)
    assert not await turns.come(Due("a", 1, "close", ""))
    turns.stop()
    for late in (waiting, turns.come(Show("b"))):
        with pytest.raises(PutBack):
            await late
