"""What an operator is told instead of what was asked for."""


class Refusal(Exception):
    """One sentence that says why something cannot be done, and what to do."""
