"""A server of a benchmark as a process of its own, that ends when its parent does."""

import asyncio
import sys

from aiohttp import web

HOST = "127.0.0.1"


async def serve(app: web.Application) -> None:
    """Listen on loopback, say the port on the first line of output, and end with the input."""
    await listen(web.AppRunner(app, access_log=None))


async def listen(runner: web.BaseRunner, socket: str = "") -> None:
    """The same for what is no application; with the path of a `socket`, listen there too."""
    await runner.setup()
    if socket:
        await web.UnixSite(runner, socket).start()
    await web.TCPSite(runner, HOST, 0).start()
    port = next(one[1] for one in runner.addresses if not isinstance(one, str))
    sys.stdout.write(f"http://{HOST}:{port}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()
