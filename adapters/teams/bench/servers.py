"""The servers of the benchmark."""

import json
from contextlib import AbstractAsyncContextManager

from adapters.bench.processes import Processes, Server
from adapters.bench.stage import Stage
from adapters.bench.story import MASTER
from adapters.teams.bench.organisations import APP, SECRET
from adapters.teams.bench.proof import listed

_PACKAGE = __package__


class Servers:
    """Starts them."""

    def __init__(self, processes: Processes, socket: str) -> None:
        """Each a process of its own; Microsoft listens on this socket too."""
        self._processes = processes
        self._socket = socket

    def microsoft(self) -> AbstractAsyncContextManager[Server]:
        """The other side."""
        return self._processes.running(f"{_PACKAGE}.microsoft", self._socket)

    def bare(self, mode: str) -> AbstractAsyncContextManager[Server]:
        """The CloudAdapter that only acknowledges, or also replies."""
        return self._processes.running(f"{_PACKAGE}.bare", json.dumps(listed()), mode)

    def krets(self, made: Stage) -> AbstractAsyncContextManager[Server]:
        """Krets as everybody runs it, at the time of the stage."""
        tenants = dict.fromkeys(one.room.tenant for one in made.votes)
        settings = {
            "KRETS_DATA_DIR": str(made.directory),
            "KRETS_PORT": "0",
            "KRETS_MASTER_KEYS": MASTER,
            "KRETS_TEAMS_APP_ID": APP,
            "KRETS_TEAMS_APP_PASSWORD": SECRET,
            "KRETS_TEAMS_APP_TYPE": "MultiTenant",
            "KRETS_TEAMS_ALLOWED_TENANTS": ",".join(tenants),
        }
        arguments = (self._socket, made.at.isoformat())
        return self._processes.running("bot.bench_serving", *arguments, **settings)

    def bulk(self, microsoft: str) -> AbstractAsyncContextManager[Server]:
        """Who sends many messages as Krets does."""
        return self._processes.running(f"{_PACKAGE}.bulk", microsoft)

    def sdk_bulk(self, microsoft: str, mode: str) -> AbstractAsyncContextManager[Server]:
        """Who sends many messages as the SDK does."""
        return self._processes.running(f"{_PACKAGE}.sdk_bulk", microsoft, mode)
