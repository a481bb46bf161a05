"""After a copy was put back: it knows nothing of what came to pass since it was made."""

from datetime import datetime

from bot.store import Unit

#: Set while nobody has looked yet who has come or gone meanwhile.
_UNSEEN = "restored"
#: When a copy was put back last, in programme time.
_AT = "restored_at"


def mistrust(unit: Unit, now: datetime) -> None:
    """What waited when the copy was made may have been sent since; rooms may have changed."""
    unit.posts.mistrust()
    unit.set_meta(_UNSEEN, "1")
    unit.set_meta(_AT, now.isoformat())


def is_unseen(unit: Unit) -> bool:
    """Whether a copy was put back and nobody has looked at the rooms since."""
    return bool(unit.meta(_UNSEEN))


def see(unit: Unit) -> None:
    """Somebody has looked at the rooms."""
    unit.set_meta(_UNSEEN, "")


def may_have_come(unit: Unit, due_at: datetime) -> bool:
    """Whether a moment that stands may have come already, unknown to a copy that was put back.

    No copy says when it was made, and none needs to: what stands in it had not come by then.
    """
    restored_at = unit.meta(_AT)
    return restored_at is not None and due_at <= datetime.fromisoformat(restored_at)
