"""What a programme leaves behind, to be compared: after a good day, and after a bad one."""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from tests.end_to_end.beside import PlatformSite
from tests.end_to_end.site import Seen

#: How much later things may have been done for all the waiting.
LATER = timedelta(minutes=30)
_CLOCK, _LOTS = (
    re.compile(r"\b\d\d[:.]\d\d\b"),
    re.compile(r"^(Lotterna|Den som noterade).*$", re.M),
)

#: Conversation -> its messages, each as often as it is there.
Screens: TypeAlias = dict[str, Counter[str]]
#: Conversation -> the messages that the board has posted there, by their refs; the group's room is
#: called so, and the others by whose they are.
Shown: TypeAlias = Callable[[], Mapping[str, Mapping[str, Seen]]]
ROOM = "room"


class Watch:
    """What is stored and what is shown, each time somebody looks."""

    def __init__(self, site: PlatformSite, shown: Shown) -> None:
        self._site = site
        self._shown = shown
        self.documents: list[Any] = []
        self.screens: list[Screens] = []
        self.uncertain: list[Counter[str]] = []

    def look(self) -> None:
        """Take down how it is now."""
        people = dict(self._site.ask("SELECT person_id, native FROM identities"))
        self.documents.append(_documents(self._site, people))
        self.screens.append(self._screens())
        rows = self._site.ask("SELECT person_id FROM posts WHERE state = 'uncertain'")
        self.uncertain.append(Counter(people.get(one, ROOM) for (one,) in rows))

    def _screens(self) -> Screens:
        """Every conversation; without the time of day, which may be later, and without the lots.

        Left out are the notes that tell those who lead of what is uncertain.
        """
        rows = self._site.ask("SELECT ref FROM posts WHERE name = 'room' AND kind = 'card'")
        notes = {ref for (ref,) in rows}
        found: Screens = {}
        for conversation, messages in self._shown().items():
            seen = [one for ref, one in messages.items() if ref not in notes]
            texts = [_CLOCK.sub("hh:mm", _LOTS.sub(r"\1", one.text)) for one in seen]
            texts = [f"{text}\n{one.labels()}" for text, one in zip(texts, seen, strict=True)]
            if texts:
                found[conversation] = Counter(texts)
        return found


def unchanged_by_the_last(watch: Watch) -> None:
    """Assert that all was the same when somebody looked for the last time, and forget that look."""
    assert watch.documents.pop() == watch.documents[-1]
    assert watch.screens.pop() == watch.screens[-1]
    watch.uncertain.pop()


def the_same(calm: Watch, bad: Watch) -> None:
    """Assert that the bad day has come to what the good one has, each time somebody looked."""
    for one, other in zip(calm.documents, bad.documents, strict=True):
        assert differences(one, other) == []
    for screens, others, uncertain in zip(calm.screens, bad.screens, bad.uncertain, strict=True):
        for where in {*screens, *others}:
            calmly, shown = screens.get(where, Counter()), others.get(where, Counter())
            extra, missing = shown - calmly, calmly - shown
            # One of which nobody knows whether it came may be missing, or be as it was then.
            assert extra.total() <= uncertain[where], (where, extra, missing)
            assert missing.total() <= uncertain[where], (where, extra, missing)


# --- what is stored -----------------------------------------------------------------------------


def _documents(site: PlatformSite, people: Mapping[str, str]) -> Any:
    """The groups, with people and questions by name instead of by id; and the drawers there are."""
    found = []
    for id, document in site.ask("SELECT id, document FROM groups"):
        text = document.replace(id, "the group")
        for person, native in people.items():
            text = text.replace(person, native)
        for meeting in json.loads(text)["meetings"]:
            for case in meeting["cases"]:
                text = text.replace(case["id"], f"{case['by']}'s {meeting['number']}")
        group = json.loads(text)
        group["unsure"].clear()  # of whom it is uncertain what they see
        for ballot in (meeting["ballot"] for meeting in group["meetings"] if meeting["ballot"]):
            del ballot["commitment"]  # to a lot that falls anew
            del ballot["unsealed"]
        drawers = site.ask("SELECT drawer FROM sealed WHERE group_id = ? ORDER BY drawer", id)
        found.append([group, drawers])
    return found


def differences(one: Any, other: Any, where: str = "") -> list[str]:
    """Where two documents differ by more than how late something was done."""
    match one, other:
        case dict(), dict() if one.keys() == other.keys():
            return [
                each for key in one for each in differences(one[key], other[key], f"{where}/{key}")
            ]
        case list(), list() if len(one) == len(other):
            if all(isinstance(each, str) for each in one):
                one, other = sorted(one), sorted(other)  # sets are stored in any order
            pairs = enumerate(zip(one, other, strict=True))
            return [each for n, pair in pairs for each in differences(*pair, f"{where}/{n}")]
        case str(), str() if one != other:
            at, later = _instant(one), _instant(other)
            if at is not None and later is not None and abs(later - at) <= LATER:
                return []
    return [] if one == other else [f"{where}: {one!r}, {other!r}"]


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
