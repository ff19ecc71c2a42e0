"""Makes the secrets that docker-compose.yml reads from files: passwords of the database and Django's key.

It never overwrites one: a secret that is there stays, so running it again changes nothing. The passphrase of
the custody log's root key is not among them; a person types it once (`manage.py open_log`).
"""

import secrets
import sys
from pathlib import Path

HOST = "postgres"  # the service's name in docker-compose.yml


def write_new(path: Path, content: str) -> None:
    """Write a file of our own unless it is there."""
    if path.exists():
        print(f"kept  {path}")
        return
    path.touch(mode=0o600)
    path.write_text(content, encoding="ascii")
    # Compose mounts the file, mode and all, for another user; the folder keeps everybody else out.
    path.chmod(0o444)
    print(f"made  {path}")


def make(folder: Path) -> None:
    """Make what is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    write_new(folder / "postgres_password", secrets.token_urlsafe(32))
    superuser = (folder / "postgres_password").read_text(encoding="ascii")
    write_new(folder / "server_url", f"postgresql://postgres:{superuser}@{HOST}/postgres")
    for name, role in (("owner_database_url", "unbroken_owner"), ("database_url", "unbroken_app")):
        write_new(folder / name, f"postgresql://{role}:{secrets.token_urlsafe(32)}@{HOST}/unbroken")
    write_new(folder / "secret_key", secrets.token_urlsafe(48))


if __name__ == "__main__":
    make(Path(sys.argv[1]))
