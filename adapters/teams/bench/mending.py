"""What makes Microsoft's SDK many times faster: one table that it searches is a set, not a list."""

from msrest.universal_http.requests import ClientRetryPolicy


def mend() -> None:
    """Let it be a set in this process; the SDK makes another table of it twice in each turn."""
    codes = frozenset(ClientRetryPolicy.safe_codes)
    ClientRetryPolicy.safe_codes = codes  # type: ignore[assignment]
