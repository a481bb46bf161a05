"""`krets simulate programme`: what it takes, and what it prints."""

import argparse
from datetime import date

from bot.commands.environment import read_environment
from bot.core.method import Method
from bot.methods import read_methods
from bot.refusal import Refusal
from bot.simulate.calendar import as_json, as_lines
from bot.simulate.checks import violations
from bot.simulate.programme import ZONES, Programme, Setting, Stuck
from bot.simulate.world import World


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which method, from when, with how many people, where."""
    parser.add_argument("method", metavar="METHOD", help="the id of a method")
    parser.add_argument(
        "--from",
        dest="since",
        type=date.fromisoformat,
        required=True,
        metavar="DATE",
        help="the day of the first meeting, as 2026-09-22",
    )
    parser.add_argument("--people", type=int, default=0, metavar="N", help="how many members")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="draws who answers what")
    parser.add_argument("--country", choices=sorted(ZONES), default="SE", help="whose holidays")
    parser.add_argument(
        "--every", type=int, choices=(0, 1, 2, 3, 4), default=0, help="weeks; 0 as the method says"
    )
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.set_defaults(run=run)


def simulate(method: Method, setting: Setting) -> tuple[World, tuple[str, ...]]:
    """A whole programme, and what should not have been."""
    programme = Programme(method, setting)
    world = programme.play()
    return world, violations(world, programme.started_at, programme.rested)


def run(chosen: argparse.Namespace) -> int:
    """Play it, and tell; 1 if something was not as it should be."""
    methods = read_methods(read_environment().methods_dir)
    if chosen.method not in methods:
        known = ", ".join(sorted(methods))
        raise Refusal(f"There is no method {chosen.method}; there are: {known}")
    method = methods[chosen.method][2]
    people = chosen.people or method.size[0] + 1
    if not method.size[0] <= people <= method.size[1]:
        raise Refusal(f"{method.id} is for {method.size[0]} to {method.size[1]} people")
    setting = Setting(chosen.since, people, chosen.seed, chosen.country, chosen.every)
    try:
        world, wrong = simulate(method, setting)
    except Stuck as stuck:
        raise Refusal(f"The rules did not take up what was done: {stuck}") from None
    print((as_json if chosen.json else as_lines)(world, wrong))
    return 1 if wrong else 0
