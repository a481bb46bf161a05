"""`krets bench drawers` opens what was written and tells how long that took."""

import itertools
import json
from pathlib import Path

import pytest

from bot.bench import bench_drawers


def test_it_measures_a_whole_group(tmp_path: Path) -> None:
    ticks = itertools.count()
    figures = bench_drawers(tmp_path, 3, lambda: next(ticks) / 1000)
    assert (figures.drawers_ms, figures.group_ms) == pytest.approx((1, 1))
    assert json.loads(figures.as_json())["drawers"] == figures.drawers == 4
    assert figures.characters > 30_000
    assert "1.00 ms  the same" in figures.as_lines()
