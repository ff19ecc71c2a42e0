"""One secret, one file: written durably, never overwritten, destroyed so that its name stays taken.

A folder of mode 0700 holds `<name>.key` (0600; hexadecimal and a newline, so that a shell can use it) for
each secret and an empty `<name>.destroyed` for each that was destroyed. What the secrets open is not known
here.

Overwriting before unlinking is a courtesy, not a proof: flash, snapshots and backups may keep old blocks. The
folder's backups need a retention of their own (docs/vault-format.md, section 4).
"""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .durable import OPEN_ALWAYS, OTHERS, private_folder, sync_folder
from .errors import FolderUnsafeError, KeyDestroyedError, KeyMissingError, KeyRefusedError

MAX_SECRET = 128  # bytes; a wrapped or plain AES-256 key needs 40 at most, more is not a key file
_NAME = re.compile(r"[a-z0-9-]{1,64}")
_TEXT = re.compile(rb"(?:[0-9a-f]{2})+\n")


class KeyFiles:
    """The secrets of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = private_folder(folder)

    def create(self, name: str, secret: bytes) -> None:
        """Keep the secret under this name, durably; where the name has one already, that one stays.

        Raises KeyDestroyedError when the name's secret was destroyed.
        """
        key, new = self._path(name, "key"), self._path(name, "new")
        with self._locked():
            if self.was_destroyed(name):
                raise KeyDestroyedError(name)
            # A crash between link and unlink leaves both names on one file: drop the name, never the content.
            new.unlink(missing_ok=True)
            if not key.exists():
                _write(new, secret.hex().encode("ascii") + b"\n")
                os.link(new, key)  # unlike a rename this cannot replace a key
                new.unlink()
            # Also where the key was there: the process that linked it may have died before its own sync.
            sync_folder(self._folder)

    def read(self, name: str) -> bytes:
        """Return the secret.

        Raises KeyMissingError, KeyDestroyedError, KeyRefusedError, FolderUnsafeError.
        """
        if self.was_destroyed(name):
            raise KeyDestroyedError(name)
        path = self._path(name, "key")
        try:
            descriptor = os.open(path, os.O_RDONLY | OPEN_ALWAYS)
        except FileNotFoundError:
            raise KeyMissingError(name) from None
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            if os.fstat(descriptor).st_mode & OTHERS:
                raise FolderUnsafeError(path, "others can read this key file")
            text = file.read(2 * MAX_SECRET + 2)
        if not _TEXT.fullmatch(text) or len(text) > 2 * MAX_SECRET + 1:
            raise KeyRefusedError(name, "the file is not a line of hexadecimal digits")
        return bytes.fromhex(text.decode("ascii"))

    def destroy(self, name: str) -> None:
        """Make the secret unreadable and its name unusable for ever; safe to run again after a crash."""
        marker = self._path(name, "destroyed")
        with self._locked():
            # Marker first: a crash after it leaves a key that nobody reads and that the next run removes.
            os.close(os.open(marker, os.O_WRONLY | os.O_CREAT | OPEN_ALWAYS, 0o600))
            sync_folder(self._folder)
            for path in (self._path(name, "key"), self._path(name, "new")):
                _erase(path)
            sync_folder(self._folder)

    def was_destroyed(self, name: str) -> bool:
        """Tell whether the name's secret was destroyed on purpose."""
        return self._path(name, "destroyed").exists()

    def names(self) -> Iterator[str]:
        """List the names that hold a readable secret."""
        for path in sorted(self._folder.glob("*.key")):
            if not self.was_destroyed(path.stem):
                yield path.stem

    def _path(self, name: str, kind: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} cannot name a key file")
        return self._folder / f"{name}.{kind}"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Let one process or thread at a time change the folder; the lock goes with the process."""
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)


def _write(path: Path, text: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | OPEN_ALWAYS, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)


def _erase(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | OPEN_ALWAYS)
    except FileNotFoundError:
        return
    with os.fdopen(descriptor, "wb") as file:
        file.write(bytes(os.fstat(descriptor).st_size))
        file.flush()
        os.fsync(descriptor)
    path.unlink()
