"""`krets simulate chaos`: every law holds in small worlds, and the same seed is the same trace."""

import json
import os
import subprocess
import sys

import pytest

from bot.__main__ import main
from bot.simulate.chaos.run import parts, run
from bot.simulate.chaos.world import Options


def test_a_good_day_in_both_platforms_breaks_no_law() -> None:
    outcome = run(Options(3, 3, 2, trouble=0.0))
    assert outcome.broken is None
    assert not outcome.world.trace.faults
    assert {"begin", "shred"} <= outcome.world.trace.reached["moments"]


@pytest.mark.parametrize("seed", [11, 12])
def test_a_bad_day_in_both_platforms_breaks_no_law(seed: int) -> None:
    outcome = run(Options(seed, 3, 2))
    assert outcome.broken is None, outcome.world.trace.last
    assert outcome.world.trace.faults


def test_an_old_backup_and_crashes_break_no_law() -> None:
    outcome = run(Options(5, 3, 1, ("slack",), 6.0, ("restored", "crash", "key_not_destroyed")))
    assert outcome.broken is None, outcome.world.trace.last
    assert outcome.world.trace.faults["restored"]
    assert outcome.world.restarts > 5


def test_the_same_seed_is_the_same_trace_in_any_process() -> None:
    command = "simulate chaos --seed 7 --weeks 2 --groups 1 --platform slack --json"
    told = subprocess.run(
        [sys.executable, "-m", "bot", *command.split()],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(told.stdout)["hashes"] == [run(Options(7, 2, 1, ("slack",))).hash]


def test_another_seed_is_another_trace() -> None:
    one, other = (run(Options(seed, 1, 1, ("teams",))) for seed in (1, 2))
    assert one.hash != other.hash


def test_a_long_run_is_many_short_ones_each_with_its_own_trouble() -> None:
    found = parts(Options(5, 30))
    assert [(one.seed, one.weeks) for one in found] == [(5, 12), (6, 12), (7, 6)]


def test_the_table_says_what_was_played(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "chaos", "--seed", "1", "--weeks", "1", "--groups", "1"]) == 0
    told = capsys.readouterr().out
    for row in ("group-weeks", "faults", "states reached", "violations"):
        assert row in told


def test_a_broken_law_ends_with_1_the_seed_and_the_last_steps(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.slack.gate.is_genuine", lambda *_: True)
    command = "simulate chaos --seed 1 --weeks 4 --groups 1 --platform slack"
    assert main(command.split()) == 1
    told = capsys.readouterr().out
    assert "forged_taken" in told
    assert "krets simulate chaos --seed 1 --weeks 4 --groups 1 --platform slack" in told
    assert "kanin" not in told
