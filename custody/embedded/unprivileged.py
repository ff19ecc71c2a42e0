"""When started as root: the user the database runs as, and that user's way to its files.

PostgreSQL refuses to run as root. Nothing here happens when an ordinary user starts the system.
"""

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from custody.embedded.errors import StartError

USER = "unbroken-db"


def account() -> pwd.struct_passwd | None:
    """Return the account to run the database as (made if missing), or None if we are not root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(USER)
    except KeyError:
        pass
    useradd = shutil.which("useradd")
    if useradd is None:
        raise StartError(
            f"PostgreSQL does not run as root and there is no 'useradd' to make the user {USER}.\n"
            "Make that user, or start Unbroken as an ordinary user, or set DATABASE_URL to a server of yours."
        )
    command = [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", USER]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    # 9: another `up` made the user between our look and our call.
    if done.returncode not in {0, 9}:
        raise StartError(f"The user {USER} could not be made: {done.stderr.strip()}")
    return pwd.getpwnam(USER)


def popen_options(user: pwd.struct_passwd | None) -> dict[str, Any]:  # Any: keyword arguments of Popen
    """Return what makes subprocess start a program as that user."""
    if user is None:
        return {}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def let_pass(path: Path, *, say: Callable[[str], None]) -> None:
    """Give others the search permission (never reading) on each folder above `path` that lacks it."""
    for folder in {*path.absolute().parents, *path.resolve().parents}:
        mode = stat.S_IMODE(folder.stat().st_mode)
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)
            say(f"As root: opened {folder} for passing (not reading) to the database's user {USER}.")


def let_read(tree: Path) -> None:
    """Make an installed program readable for others, which a strict umask at its installation prevents."""
    for path in (tree, *tree.rglob("*")):
        mode = stat.S_IMODE(path.lstat().st_mode)
        if path.is_symlink() or mode & stat.S_IROTH:
            continue
        path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))
