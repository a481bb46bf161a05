"""Parking: work that fails again and again by a fault of ours is left alone, and holds up nothing.

Why it failed is told by the type of the exception, for its text may hold a person's words.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from logging import getLogger

from bot.core.event import GroupId
from bot.store import PASSING, REFUSALS

log = getLogger(__name__)

#: How often in a row something may fail before it is parked.
TRIES = 5


class StoreFailed(OSError):
    """The database did not do its part; the work is not at fault, and is tried again."""


@contextmanager
def passed_over(group_id: GroupId) -> Iterator[None]:
    """What fails in here by a group's own fault is logged, and no other group waits for it."""
    try:
        yield
    except (*REFUSALS, OSError):
        raise
    except Exception as error:
        which = {"group": group_id, "error": type(error).__name__}
        log.error("a group is passed over: %(group)s %(error)s", which)


async def attempt(
    what: str, do: Callable[[], Awaitable[None]], failed: Callable[[str], Awaitable[bool]]
) -> None:
    """Do it; `failed` takes down what it fails by, and says whether it is parked by now.

    What is not parked is raised, so that an engine tries it again.
    """
    try:
        await do()
    except PASSING:
        raise StoreFailed from None
    except OSError:
        raise
    except Exception as error:
        if not await failed(type(error).__name__):
            raise
        names = {"what": what, "error": type(error).__name__}
        log.error("%(what)s is parked: %(error)s", names)
