"""Asking an operator once more before something is done that cannot be undone."""

import sys

from bot.refusal import Refusal


def agreed(warning: str, yes: bool) -> None:
    """Go on if `yes` was said beforehand, or is said now; else raise `Refusal`."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise Refusal(f"{warning} Nothing was done; add --yes if that is what you want.")
    sys.stderr.write(f"{warning}\nWrite yes to go on: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().casefold() != "yes":
        raise Refusal("Nothing was done.")
