"""A wire to PostgreSQL that can be cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy.engine import make_url


class Wire:
    """Passes on what comes to a port of this machine, until it is cut."""

    def __init__(self, url: str) -> None:
        self._far = make_url(url)
        self._cut = False
        self._ends: set[asyncio.StreamWriter] = set()
        self.url = ""

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        socket = str(self._far.query.get("host", self._far.host))
        if socket.startswith("/"):
            return await asyncio.open_unix_connection(f"{socket}/.s.PGSQL.5432")
        return await asyncio.open_connection(socket, self._far.port or 5432)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._cut:
            writer.close()
            return
        far, out = await self._open()
        self._ends |= {writer, out}
        await asyncio.gather(self._pass(reader, out), self._pass(far, writer))
        self._ends -= {writer, out}

    def cut(self) -> None:
        """Break what is connected, and let nobody connect."""
        self._cut = True
        for end in self._ends:
            end.transport.abort()

    def mend(self) -> None:
        """Let everybody connect again."""
        self._cut = False


@asynccontextmanager
async def wire(url: str) -> AsyncIterator[Wire]:
    """A wire to this database."""
    made = Wire(url)
    server = await asyncio.start_server(made._serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    made.url = (
        made._far.set(host="127.0.0.1", port=port)
        .difference_update_query(["host"])
        .render_as_string(hide_password=False)
    )
    try:
        yield made
    finally:
        made.cut()
        server.close()
        await server.wait_closed()
