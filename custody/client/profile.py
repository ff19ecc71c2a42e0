"""The client's own folder: which server, whose token, which keys, what was seen, what is half sent.

Everything in it is for its owner only (folder 0700, files 0600), because it holds a token, addresses that
open an upload, and openings of signed claims. It keeps private keys only wrapped by a passphrase.
"""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from .errors import ProfileError

# Nothing here is large; a bigger file is not one that this client wrote.
_MAX_FILE = 1 << 20
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def default_folder() -> Path:
    """Give the folder used when --profile is not given."""
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "unbroken"


@dataclass(frozen=True)
class Profile:
    """One person's folder for one server."""

    folder: Path

    def prepare(self) -> None:
        """Make the folder, closed to others."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.folder.chmod(0o700)
        except OSError as error:
            raise ProfileError(f"The folder {self.folder} cannot be made: {error.strerror}.") from error

    def read(self, name: str) -> dict[str, object]:
        """Read one JSON file of the folder; an absent file is an empty one."""
        path = self.folder / name
        try:
            info = path.stat()
            if info.st_mode & _OTHERS:
                raise ProfileError(f"{path} can be read by others; allow only its owner (chmod 600).")
            if info.st_size > _MAX_FILE:
                raise ProfileError(f"{path} is larger than this client would have written it.")
            content = json.loads(path.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise ProfileError(f"{path} cannot be read: {error}.") from error
        if not isinstance(content, dict):
            raise ProfileError(f"{path} does not hold what this client writes.")
        return cast("dict[str, object]", content)

    def write(self, name: str, content: dict[str, object]) -> Path:
        """Write one JSON file, whole or not at all."""
        text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        return self.write_bytes(name, text.encode("utf-8"))

    def write_bytes(self, name: str, data: bytes) -> Path:
        """Write one file, whole or not at all, readable by its owner only."""
        self.prepare()
        path = self.folder / name
        fresh = path.with_name(path.name + ".new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh.unlink(missing_ok=True)
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        except OSError as error:
            raise ProfileError(f"{path} cannot be written: {error.strerror}.") from error
        return path

    def forget(self, name: str) -> None:
        """Remove one file of the folder, if it is there."""
        (self.folder / name).unlink(missing_ok=True)

    def change(self, name: str, **members: object) -> None:
        """Set some members of one JSON file and keep the others."""
        self.write(name, {**self.read(name), **members})
