"""`krets sheet`: a meeting of a method on one page, without a group and without a database."""

import argparse
from datetime import time
from pathlib import Path

from adapters.paper.page import page
from adapters.paper.pdf import pdf
from adapters.paper.sheet import of_method
from bot.commands.environment import read_environment
from bot.core.model import LANGUAGES
from bot.methods import read_methods
from bot.refusal import Refusal
from bot.words import Words


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be asked for on the command line."""
    parser.add_argument("method", metavar="METHOD", help="its id, such as jonkoping")
    parser.add_argument("--meeting", type=int, default=2, metavar="N", help="from 1; 2 if not told")
    parser.add_argument("--language", choices=LANGUAGES, help="of the settings if not told")
    parser.add_argument(
        "--start", type=time.fromisoformat, metavar="HH:MM", help="of the method if not told"
    )
    parser.add_argument(
        "-o", "--out", type=Path, required=True, help="where to write it: FILE.pdf or FILE.html"
    )
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Write the sheet, and say where it is."""
    settings = read_environment()
    methods = read_methods(settings.methods_dir)
    if asked.method not in methods:
        raise Refusal(f"There is no method {asked.method}; there is {', '.join(sorted(methods))}.")
    method = methods[asked.method][2]
    if not 1 <= asked.meeting <= method.meetings:
        raise Refusal(f"{method.id} has the meetings 1 to {method.meetings}.")
    at = asked.start or method.at
    sheet = of_method(method, asked.meeting, asked.language or settings.language, at, Words())
    out: Path = asked.out
    if out.suffix == ".html":
        out.write_text(page(sheet), encoding="utf-8")
    else:
        out.write_bytes(pdf(sheet))
    print(f"{out} is written; print it on A4.")
    return 0
