"""Real time, as the machine has it; programme time is made of it, and can travel."""

from datetime import UTC, datetime


def now() -> datetime:
    """Real time: the only place where a clock is read."""
    return datetime.now(UTC)
