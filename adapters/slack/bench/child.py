"""A server of the benchmark as a process of its own, that ends when its parent does."""

import asyncio
import sys

from aiohttp import web

HOST = "127.0.0.1"


async def serve(app: web.Application) -> None:
    """Listen on loopback, say the port on the first line of output, and end with the input."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, 0).start()
    sys.stdout.write(f"http://{HOST}:{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()
