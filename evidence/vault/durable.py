"""What it takes for names to outlive a power cut, and for a folder to be private.

It knows nothing of keys or objects. A new name is durable only when the *folder* above it was synced,
whatever was done to the file itself.
"""

import os
import stat
from pathlib import Path

from .errors import FolderUnsafeError

# Every file of the vault is opened with these: no child process inherits it, no planted link is followed.
OPEN_ALWAYS = os.O_CLOEXEC | os.O_NOFOLLOW
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def private_folder(path: Path) -> Path:
    """Make the folder (0700) and those above it if need be; refuse one that others can reach."""
    if not path.exists():
        _make_folder(path)
    status = path.stat()
    if not stat.S_ISDIR(status.st_mode):
        raise FolderUnsafeError(path, "it is not a folder")
    if status.st_mode & OTHERS:
        raise FolderUnsafeError(path, f"its mode {stat.S_IMODE(status.st_mode):04o} lets others in")
    return path


def sync_folder(path: Path) -> None:
    """Make the folder's names durable."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _make_folder(path: Path) -> None:
    if not path.parent.exists():
        _make_folder(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)  # another process may be first; private_folder checks what it made
    sync_folder(path.parent)
