"""Krets as `krets run` serves it, but with the benchmark's Microsoft, and at the time of its stage.

    python -m bot.bench_serving <path of Microsoft's socket> <the time>

It ends with its input, or when told.
"""

import asyncio
import os
import signal
import sys
from datetime import datetime

from adapters.teams.bench.microsoft import leading_to
from adapters.teams.connector import outwards
from bot import logs
from bot.platforms.ground import Outwards
from bot.realtime import now
from bot.serving import serve
from bot.settings import read_settings


async def main(socket: str, at: datetime) -> None:
    """Serve until the end."""
    settings = read_settings(os.environ)
    logs.set_up(settings.log_level, settings.log_format)
    stop, earlier = asyncio.Event(), now() - at
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)

    def started(address: str) -> None:
        sys.stdout.write(f"{address}\n")
        sys.stdout.flush()

    out = Outwards(microsoft=lambda: outwards(connector=leading_to(socket)))
    await serve(settings, stop, started, lambda: now() - earlier, out)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], datetime.fromisoformat(sys.argv[2])))
