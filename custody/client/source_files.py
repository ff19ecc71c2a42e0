"""Find the files to take in, and read them safely: hostile names, links, vanished and unreadable files.

Nothing is followed or guessed: a link, a device or an unreadable folder becomes a named obstacle which
the summary shows, so that no file is left out in silence. It does not read contents beyond handing out an
open file.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from .errors import SourceChangedError, SourceError

_SHOWN_LENGTH = 90
# Deeper than any tool's export; stops a run over a folder made to be endless.
_MAX_DEPTH = 64


@dataclass(frozen=True)
class SourceFile:
    """A regular file as it was when it was found."""

    path: Path
    relative: str
    size: int
    mtime_ns: int


@dataclass(frozen=True)
class Obstacle:
    """Something that was named or found but cannot be taken in, and why."""

    path: Path
    sentence: str


def find(paths: Iterable[Path]) -> Iterator[SourceFile | Obstacle]:
    """Give every file under the named paths, folders in the order of their names."""
    for path in paths:
        try:
            info = os.lstat(path)
        except (OSError, ValueError) as error:
            yield Obstacle(path, _reason(error))
            continue
        if stat.S_ISDIR(info.st_mode):
            yield from _walk(path, prefix="", depth=0)
        else:
            yield _judge(path, path.name, info)


def _walk(folder: Path, *, prefix: str, depth: int) -> Iterator[SourceFile | Obstacle]:
    if depth > _MAX_DEPTH:
        yield Obstacle(
            folder, f"Folders are nested deeper than {_MAX_DEPTH}; what lies below was not looked at."
        )
        return
    try:
        names = sorted((path.name for path in folder.iterdir()), key=os.fsencode)
    except OSError as error:
        yield Obstacle(folder, f"The folder cannot be listed: {_reason(error)}")
        return
    for name in names:
        path, relative = folder / name, prefix + name
        try:
            info = os.lstat(path)
        except OSError as error:
            yield Obstacle(path, _reason(error))
            continue
        if stat.S_ISDIR(info.st_mode):
            yield from _walk(path, prefix=relative + "/", depth=depth + 1)
        else:
            yield _judge(path, relative, info)


def _judge(path: Path, relative: str, info: os.stat_result) -> SourceFile | Obstacle:
    if stat.S_ISLNK(info.st_mode):
        return Obstacle(path, "This is a link; links are not followed. Take in the file that it points to.")
    if not stat.S_ISREG(info.st_mode):
        return Obstacle(path, "This is not a file with contents (a pipe, socket or device); image it first.")
    if info.st_size == 0:
        return Obstacle(path, "The file is empty (0 bytes): there is nothing to hash, seal or examine.")
    return SourceFile(path, relative, info.st_size, info.st_mtime_ns)


def open_source(source: SourceFile) -> BinaryIO:
    """Open the file that was found, and no other one that has taken its place.

    Raises SourceError. O_NOFOLLOW and O_NONBLOCK: between finding and opening, somebody may have put a
    link or a pipe there.
    """
    try:
        handle = os.open(source.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise SourceError(_reason(error)) from error
    file = os.fdopen(handle, "rb", buffering=0)
    try:
        check_unchanged(source, file)
    except SourceError:
        file.close()
        raise
    return file


def check_unchanged(source: SourceFile, file: BinaryIO) -> None:
    """Raise SourceError if the open file is not the one that was found, or was written to since."""
    info = os.fstat(file.fileno())
    if not stat.S_ISREG(info.st_mode):
        raise SourceChangedError("It is no longer a file with contents.")
    if (info.st_size, info.st_mtime_ns) != (source.size, source.mtime_ns):
        raise SourceChangedError(
            "The file has changed since it was found; nothing was signed. Take it in again."
        )


def shown(name: str | Path) -> str:
    """Write a name so that it can be printed: no control or direction character acts on the screen."""
    text = visible(str(name))
    if len(text) > _SHOWN_LENGTH:
        half = _SHOWN_LENGTH // 2
        text = f"{text[:half]}…{text[-half:]}"
    return text


def visible(text: str) -> str:
    """Write control, format, surrogate and unassigned characters as escapes, keep all others."""
    return "".join(_escaped(character) for character in text)


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # how Python carries a byte of a name that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    if unicodedata.category(character)[0] == "C" or unicodedata.category(character) in {"Zl", "Zp"}:
        return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return character


def name_to_send(path: Path) -> str:
    """Give the file's own name for the record.

    The record takes no control characters, no backslash and no bytes outside UTF-8. A name that has them
    is written with %XX for these bytes and for the percent sign itself, so that the name on the disk can
    be found again.
    """
    name = path.name
    if not name.strip():  # nothing but spaces: a name that nobody could see in a report
        return "".join(map(_written_out, name))
    if not any(map(_needs_writing_out, name)):
        return name
    return "".join(
        _written_out(character) if _needs_writing_out(character) or character == "%" else character
        for character in name
    )


def _written_out(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in os.fsencode(character))


def _needs_writing_out(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs"} or character == "\\"


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "The file is not there (any more)."
    if isinstance(error, PermissionError):
        return "The file may not be read by this account."
    if isinstance(error, OSError) and error.strerror:
        return f"It cannot be read: {error.strerror}."
    return f"It cannot be read: {error}."
