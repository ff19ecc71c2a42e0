"""The folder that holds everything of one embedded system: layout, modes, secrets of the first start, lock.

It does not know what the services write into their folders.
"""

import contextlib
import fcntl
import hashlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

from custody.embedded.errors import AlreadyRunningError, StartError

# sockaddr_un holds 108 bytes on Linux and 104 on macOS; the longest name we put into the folder is 24.
LONGEST_SOCKET_FOLDER = 78


class DataFolder:
    """Paths under one folder; nothing exists before `prepare()`."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.keys = self.root / "keys"
        self.logs = self.root / "logs"
        self.run = self.root / "run"
        self.postgres = self.root / "postgres"
        self.valkey = self.root / "valkey"
        self.reports = self.root / "reports"

    def prepare(self) -> None:
        """Make the folders, closed to other users of the machine."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            for folder in (self.keys, self.logs, self.run, self.valkey):
                folder.mkdir(exist_ok=True)
                folder.chmod(0o700)
        except OSError as error:
            raise StartError(f"The data folder {self.root} cannot be used: {error.strerror}") from error
        # As root the database runs as another user, who must pass through here but may not look around.
        open_to_pass = 0o711 if os.geteuid() == 0 else 0o700
        self.root.chmod(open_to_pass)
        self.run.chmod(open_to_pass)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder against a second `up`; the kernel lets go however this process ends."""
        with (self.run / "lock").open("a+", encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise AlreadyRunningError(self.root, file.read().strip() or "unknown") from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield

    def secret_file(self, name: str) -> Path:
        """Return the file of a random secret, made the first time it is asked for."""
        path = self.keys / name
        if not path.exists():
            with tempfile.NamedTemporaryFile("w", dir=self.keys, delete=False, encoding="ascii") as file:
                file.write(secrets.token_urlsafe(48))
                file.flush()
                os.fsync(file.fileno())
            # A crash before this line leaves a stray temporary file, never half a secret.
            Path(file.name).rename(path)
        return path

    def secret(self, name: str) -> str:
        """Return a random secret, made the first time it is asked for."""
        return self.secret_file(name).read_text(encoding="ascii").strip()

    def socket_folder(self) -> Path:
        """Return the folder for unix sockets: ours, or a private temporary one if our path is too long."""
        if len(os.fsencode(self.run)) <= LONGEST_SOCKET_FOLDER:
            return self.run
        name = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"unbroken-{name}"
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        # Somebody else may have made the folder first to read what we say to the database.
        if folder.is_symlink() or found.st_uid != os.geteuid():
            raise StartError(
                f"{folder} belongs to somebody else; remove it or use a data folder with a shorter path"
            )
        folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
        return folder
