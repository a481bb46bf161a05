"""The trace of one run: codes and numbers, never a text. The same seed leaves the same trace."""

import hashlib
from collections import Counter, deque

#: Steps that are told when a law was broken.
LAST = 40


class Broken(BaseException):
    """A law of the product does not hold. Nothing in it may be caught on the way."""

    def __init__(self, law: str, where: str) -> None:
        """Say which law, and where, in codes."""
        super().__init__(f"{law}: {where}")
        self.law = law


class Trace:
    """What has happened, in order, as a running hash."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._hash = hashlib.sha256()
        self.last: deque[str] = deque(maxlen=LAST)
        self.events = 0
        #: How often the process was killed.
        self.kills = 0
        self.faults: Counter[str] = Counter()
        #: Kind of state -> those that were reached.
        self.reached: dict[str, set[str]] = {}
        self.broken: list[Broken] = []

    def note(self, *codes: object) -> None:
        """Take down one step."""
        line = " ".join(map(str, codes))
        self._hash.update(line.encode() + b"\n")
        self.last.append(f"{self.events} {line}")
        self.events += 1

    def fault(self, kind: str, *where: object) -> None:
        """Take down a fault."""
        self.faults[kind] += 1
        self.note("fault", kind, *where)

    def reach(self, kind: str, state: str) -> None:
        """A state was seen."""
        self.reached.setdefault(kind, set()).add(state)

    def broke(self, law: str, *where: object) -> None:
        """A law is broken: the run ends here."""
        self.note("broken", law, *where)
        found = Broken(law, " ".join(map(str, where)))
        self.broken.append(found)
        raise found

    @property
    def hash(self) -> str:
        """The hash of all steps so far."""
        return self._hash.hexdigest()
