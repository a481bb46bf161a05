"""The entry: does what was chosen on the command line; one sentence for what goes wrong."""

import argparse
import sys
from collections.abc import Callable, Sequence

from bot import logs
from bot.command_line import parser
from bot.refusal import Refusal


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 if it went well, 1 after one sentence if not, 2 for a wrong command."""
    chosen = parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = chosen.run
    logs.catch_faults()
    try:
        return run(chosen)
    except Refusal as refusal:
        print(f"krets: {refusal}", file=sys.stderr)
    except OSError as error:
        print(f"krets: {_told(error)}", file=sys.stderr)
    return 1


def _told(error: OSError) -> str:
    """What the system says of a file, or we of a server.

    >>> _told(FileNotFoundError(2, "No such file or directory", "krets.env"))
    'krets.env: No such file or directory'
    >>> _told(ConnectionError("The database krets on db cannot be reached."))
    'The database krets on db cannot be reached.'
    """
    if error.strerror:
        return f"{error.filename or 'a file'}: {error.strerror}"
    return str(error) or type(error).__name__


if __name__ == "__main__":
    sys.exit(main())
