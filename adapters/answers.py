"""What platforms answer when they cannot, as all of them do: pure."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

#: How long to wait where nobody says for how long.
UNSAID = timedelta(seconds=30)
#: The longest that an answer can make Krets wait.
_LONGEST = timedelta(days=1)


class UnknownOutcome(Exception):
    """Done or not done. Names the call alone: an answer may quote what was sent."""


def retry_after(said: str, date: str = "") -> timedelta:
    """How long a platform asks to wait: seconds, or an instant against the answer's own date.

    >>> retry_after("30").seconds, retry_after("2.5").total_seconds(), retry_after("soon").seconds
    (30, 2.5, 30)
    >>> retry_after("Wed, 21 Oct 2026 07:28:40 GMT", "Wed, 21 Oct 2026 07:28:00 GMT").seconds
    40
    """
    second = timedelta(seconds=1)
    try:
        return min(max(timedelta(seconds=float(said)), second), _LONGEST)
    except (ValueError, OverflowError):
        pass
    until, now = _instant(said), _instant(date)
    return UNSAID if until is None or now is None else min(max(until - now, second), _LONGEST)


def _instant(said: str) -> datetime | None:
    try:
        return parsedate_to_datetime(said).replace(tzinfo=UTC)
    except ValueError:
        return None
