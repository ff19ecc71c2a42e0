"""Pack the verifier into one file: python -m custody.proof.build_zipapp [TARGET]

The file runs with Python 3.11 or newer and `cryptography`, and nothing else. The same source gives
the same bytes, so that its hash can be published and anyone can rebuild it.
"""

import hashlib
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

TARGET = Path("dist/unbroken-verify.pyz")
# The oldest date a zip file can hold; a real one would make every build differ.
_DATE = (1980, 1, 1, 0, 0, 0)
# A missing package must not end in Python's usual exit code 1, which here means "verified with remarks".
_START = """\
try:
    import cryptography
except ImportError as error:
    print(f"NOT VERIFIED: the verifier needs a package (pip install cryptography): {error}")
    raise SystemExit(2) from error

from custody.proof.__main__ import main

raise SystemExit(main())
"""


def build(target: Path = TARGET) -> Path:
    """Write the zipapp; an existing one is replaced."""
    package = Path(__file__).resolve().parent
    root = package.parent.parent
    sources = sorted(path for path in package.glob("*.py") if path.name != Path(__file__).name)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        file.write(b"#!/usr/bin/env python3\n")
        with zipfile.ZipFile(file, "w") as archive:
            _add(archive, "__main__.py", _START.encode())
            _add(archive, "custody/__init__.py", b"")
            for path in sources:
                _add(archive, path.relative_to(root).as_posix(), path.read_bytes())
    target.chmod(0o755)
    return target


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(name, date_time=_DATE)
    entry.create_system, entry.external_attr = 3, 0o644 << 16
    # Stored, because compressors differ between builds of Python.
    archive.writestr(entry, data, compress_type=zipfile.ZIP_STORED)


def main(arguments: Sequence[str]) -> int:
    """Build, and print the line that sha256sum would print."""
    target = build(Path(arguments[0]) if arguments else TARGET)
    print(f"{hashlib.sha256(target.read_bytes()).hexdigest()}  {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
