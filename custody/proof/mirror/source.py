"""Read a published log (tlog-tiles) from a folder, a stick, or over HTTP. Believes nothing of what it reads."""

import http.client
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from ..checkpoint import MAX_NOTE
from ..errors import MalformedError
from ..tiles import CHECKPOINT, MAX_TILE, TILE_WIDTH, Tile, read_entries, read_hashes
from .errors import SourceError

# A log that answers slower is tried again at the next round.
TIMEOUT_SECONDS = 30


class Source(Protocol):
    """Where the files of a log are."""

    def fetch(self, path: str, most: int) -> bytes:
        """Return a file of at most so many bytes. Raises SourceError."""


class FolderSource:
    """A folder that `manage.py export_tiles` or another mirror has written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fetch(self, path: str, most: int) -> bytes:
        try:
            with (self.folder / path).open("rb") as file:
                data = file.read(most + 1)
        except OSError as error:
            raise SourceError(f"{self.folder / path} cannot be read: {error.strerror}.") from error
        if len(data) > most:
            raise SourceError(f"{self.folder / path} is larger than {most} bytes.")
        return data


class HttpSource:
    """The address of a log; `token` is what the agency gave to this mirror."""

    def __init__(self, url: str, token: str = "") -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise SourceError(f"{url} is not the http or https address of a log.")
        self._parts = parts
        self._headers = {"Accept-Encoding": "identity"} | (
            {"Authorization": f"Bearer {token}"} if token else {}
        )

    def fetch(self, path: str, most: int) -> bytes:
        connection = self._connection()
        try:
            connection.request("GET", f"{self._parts.path.rstrip('/')}/{path}", headers=self._headers)
            answer = connection.getresponse()
            data = answer.read(most + 1)
        except (OSError, http.client.HTTPException) as error:
            raise SourceError(f"{self._parts.netloc} does not answer: {error}.") from error
        finally:
            connection.close()
        if answer.status != http.client.OK:  # also redirections: the log is where its operator said
            raise SourceError(f"{self._parts.netloc} answers {answer.status} for {path}.")
        if len(data) > most:
            raise SourceError(f"{self._parts.netloc} answers with more than {most} bytes for {path}.")
        return data

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=context)


def open_source(place: str, token: str = "") -> Source:
    """Give the source that an address or the name of a folder stands for."""
    return HttpSource(place, token) if "://" in place else FolderSource(Path(place))


def read_checkpoint(source: Source) -> str:
    """Return the newest signed head, as it is. Raises SourceError."""
    try:
        return source.fetch(CHECKPOINT, MAX_NOTE).decode("utf-8")
    except UnicodeDecodeError as error:
        raise SourceError("The checkpoint of the log is not text.") from error


def entries(source: Source, start: int, end: int) -> Iterator[bytes | None]:
    """Give the entries from `start` to before `end`; None where only the leaf hash is left."""
    for tile in tiles_of(None, start, end):
        data, width = _fetch(source, tile)
        try:
            found = read_entries(data, width)
        except MalformedError as error:
            raise SourceError(f"{tile.path}: {error}") from error
        yield from found[max(start - tile.start, 0) : tile.width]


def leaves(source: Source, start: int, end: int) -> Iterator[bytes]:
    """Give the leaf hashes from `start` to before `end`."""
    for tile in tiles_of(0, start, end):
        data, width = _fetch(source, tile)
        try:
            found = read_hashes(data, width)
        except MalformedError as error:
            raise SourceError(f"{tile.path}: {error}") from error
        yield from found[max(start - tile.start, 0) : tile.width]


def tiles_of(level: int | None, start: int, end: int) -> Iterator[Tile]:
    """List the tiles of one level that hold these entries or hashes, in a log that ends at `end`."""
    if start < end:
        for number in range(start // TILE_WIDTH, -(-end // TILE_WIDTH)):
            yield Tile(level, number, min(TILE_WIDTH, end - number * TILE_WIDTH))


def _fetch(source: Source, tile: Tile) -> tuple[bytes, int]:
    """Fetch a tile; where the log has grown a partial one may be gone, but the full one is there."""
    try:
        return source.fetch(tile.path, MAX_TILE), tile.width
    except SourceError:
        if tile.width == TILE_WIDTH:
            raise
    full = Tile(tile.level, tile.number)
    return source.fetch(full.path, MAX_TILE), full.width
