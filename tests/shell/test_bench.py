"""`krets bench drawers` opens what was written and tells how long that took."""

import itertools
import json
from pathlib import Path

import pytest

from bot.bench import bench_drawers
from bot.bench_clock import bench_clock


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
