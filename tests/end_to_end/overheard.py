"""All that leaves Krets beside a platform, but for what stands in forms: to look for words in."""

import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from bot.logs import JsonLines, Lines
from tests.adapters.slack_scene import FORM, Got
from tests.adapters.teams_people import Got as TeamsGot
from tests.end_to_end.conftest import START
from tests.end_to_end.fake_slack import FakeSlack, in_slack
from tests.end_to_end.fake_teams import in_teams
from tests.end_to_end.slack_site import SlackSite
from tests.end_to_end.story import LEADERS, gather
from tests.end_to_end.teams_site import TeamsSite

#: What opens or fills a form, and nothing else.
_FORMS = ("views.open", "views.push", "views.update")


class Overheard:
    """What has left Krets beside a site, in words."""

    def __init__(self, site: Any, data: Path, log: list[str]) -> None:
        """Listen beside this site, whose Krets has this data directory and writes this log."""
        self.site = site
        self.log = log
        #: What was answered to requests.
        self.answers: list[str] = []
        self._data = data

    async def gather(self) -> str:
        """Everybody is asked and answers; the group starts. Its room."""
        return await gather(self.site)

    def told(self) -> list[str]:
        """What the platform was told, by calls and by answers; what stands in forms left out."""
        raise NotImplementedError

    async def nonsense(self, words: str) -> int:
        """Send what no app of the platform sends; the status that comes back."""
        raise NotImplementedError

    def on_disk(self) -> str:
        """All that lies in the data directory, as a thief would read it."""
        files = sorted(file for file in self._data.rglob("*") if file.is_file())
        assert len(files) > 3, "the database, its log, and keys"
        return b"".join(file.read_bytes() for file in files).decode("utf-8", "replace")

    def found(self, word: str) -> list[str]:
        """Where the word stands of all that."""
        heard = [*self.told(), *self.log, *map(repr, self.site.ask("SELECT * FROM posts"))]
        return [one for one in [*heard, self.on_disk()] if word in one]


class _Answered(SlackSite):
    """Keeps all that is answered."""

    heard: Overheard

    async def deliver(self, body: bytes, kind: str = FORM) -> Got:
        got = await super().deliver(body, kind)
        self.heard.answers.append(got.text)
        return got


class InSlack(Overheard):
    """Beside our small Slack."""

    site: SlackSite

    def told(self) -> list[str]:
        slack = self.site.workspace
        assert isinstance(slack, FakeSlack)
        calls = [[one.method, one.arguments] for one in slack.api.calls if one.method not in _FORMS]
        answers = [json.loads(one) if one.startswith("{") else one for one in self.answers]
        plain = [one for one in answers if not (isinstance(one, dict) and "view" in one)]
        return _written([*calls, *slack.api.responses.items(), *plain])

    async def nonsense(self, words: str) -> int:
        return (await self.site.deliver(f"payload={words}".encode())).status


class InTeams(Overheard):
    """Beside our small Teams."""

    site: TeamsSite

    def told(self) -> list[str]:
        calls = [[one.name, one.path, one.query, one.body] for one in self.site.api.calls]
        answers = [json.loads(one) if one.startswith("{") else one for one in self.answers]
        plain = [one for one in answers if not (isinstance(one, dict) and "task" in one)]
        return _written([*calls, *plain])

    async def nonsense(self, words: str) -> int:
        activity = self.site.people.by(LEADERS[0]) | {"type": [words], "value": words}
        return (await self.site.people.post(activity)).status


def _written(things: list[Any]) -> list[str]:
    return [json.dumps(one, ensure_ascii=False) for one in things]


@asynccontextmanager
async def overheard(platform: str, data: Path) -> AsyncIterator[Overheard]:
    """Krets beside this platform, with all that it says and writes kept."""
    with logged() as log:
        if platform == "slack":
            async with in_slack(data, START, made=_Answered) as slack:
                assert isinstance(slack, _Answered)
                slack.heard = InSlack(slack, data, log)
                yield slack.heard
        else:
            async with in_teams(data, START) as teams:
                heard = InTeams(teams, data, log)
                post = teams.people.post

                async def kept(activity: dict[str, Any], **headers: str) -> TeamsGot:
                    got = await post(activity, **headers)
                    heard.answers.append(got.text)
                    return got

                teams.people.post = kept  # type: ignore[method-assign]
                yield heard


@contextmanager
def logged() -> Iterator[list[str]]:
    """All that is logged meanwhile, at every level and of everybody, in both styles."""
    lines: list[str] = []

    class Keeps(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.extend((Lines().format(record), JsonLines().format(record)))

    root, handler = logging.getLogger(), Keeps()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lines
    root.setLevel(level)
    root.removeHandler(handler)
