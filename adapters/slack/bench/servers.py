"""The servers of the benchmark."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path

from adapters.bench.processes import Processes, Server
from adapters.bench.story import MASTER
from adapters.slack.bench.web_api import MEMBERS

#: What the fake Slack signs with.
SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105
_PACKAGE = __package__


class Servers:
    """Starts them."""

    def __init__(self, processes: Processes) -> None:
        """Each a process of its own."""
        self._processes = processes

    def web_api(
        self, takes: float = 0.0, members: int = MEMBERS
    ) -> AbstractAsyncContextManager[Server]:
        """The Web API, of which each answer takes so many seconds, for groups of this size."""
        return self._processes.running(f"{_PACKAGE}.web_api", str(takes), str(members))

    def bare(self, api: str, mode: str) -> AbstractAsyncContextManager[Server]:
        """The Bolt app that only acknowledges."""
        return self._processes.running(f"{_PACKAGE}.bare", SECRET, f"{api}/api/", mode)

    def peer(self, api: str, data: Path) -> AbstractAsyncContextManager[Server]:
        """The Bolt app that votes through AsyncSession."""
        arguments = (SECRET, f"{api}/api/", str(data), MASTER)
        return self._processes.running(f"{_PACKAGE}.peer", *arguments)

    def krets(self, api: str, data: Path) -> AbstractAsyncContextManager[Server]:
        """Krets as everybody runs it."""
        settings = {
            "KRETS_DATA_DIR": str(data),
            "KRETS_PORT": "0",
            "KRETS_MASTER_KEYS": MASTER,
            "KRETS_SLACK_API_URL": f"{api}/api/",
            "KRETS_SLACK_BOT_TOKEN": "xoxb-bench",
            "KRETS_SLACK_SIGNING_SECRET": SECRET,
            "KRETS_TIME_TRAVEL": "true",
        }
        return self._processes.running("bot", "run", **settings)
