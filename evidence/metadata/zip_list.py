"""List a zip file: names, sizes and times as its directory claims them, and what is odd about it.

Loaded only inside the sandbox. It unpacks nothing except, for office.py, one small named part with a limit.
Sizes are the archive's own claims. Tar, rar, 7z and others are not read.
"""

import codecs
import zipfile
import zlib
from struct import Struct
from typing import Any, BinaryIO

from evidence.metadata.table import Table, failed, not_applicable

# zipfile decodes old names with cp437; nothing can be loaded once the sandbox is closed.
codecs.lookup("cp437")
MAX_ENTRIES = 100_000
MAX_LISTED = 500
ENCRYPTED = 0x1
SYMBOLIC_LINK = 0o120000
# End of central directory record (APPNOTE 4.3.16); in zip64 files its disk number is all ones.
END_MARK = b"PK\x05\x06"
END_RECORD = Struct("<4sHHHHIIH")
MAX_COMMENT = 0xFFFF
ZIP64_ELSEWHERE = 0xFFFF
# More than a thousand bytes out of one are the mark of a bomb; deflate ends at 1032.
BOMB_RATIO = 1000


class DamagedZipError(ValueError):
    """A zip whose structure cannot be followed, or a member that cannot be read within its limit."""


def read(file: BinaryIO, arguments: dict[str, Any], output: BinaryIO) -> dict[str, Any]:
    """Answer with the directory of the archive and a remark for each oddity."""
    try:
        archive = open_zip(file)
    except DamagedZipError as problem:
        return failed(f"The archive is damaged: {problem}.")
    if archive is None:
        return not_applicable("The file is not a zip.")
    entries = archive.infolist()
    table = Table()
    table.put("entries", len(entries))
    table.put("entries.encrypted", sum(1 for entry in entries if entry.flag_bits & ENCRYPTED))
    table.put("size.claimed", sum(entry.file_size for entry in entries))
    if archive.comment:
        table.put("comment", archive.comment.decode("utf-8", "replace"))
    table.remark("Names and sizes are the archive's own claims; nothing was unpacked.")
    for oddity in (*_ending(file), *_oddities(entries)):
        table.remark(oddity)
    for place, entry in enumerate(entries[:MAX_LISTED], 1):
        table.put(f"entry.{place:03}.name", entry.filename)
        table.put(f"entry.{place:03}.size", entry.file_size)
        table.put(f"entry.{place:03}.time", "{:04}-{:02}-{:02} {:02}:{:02}:{:02}".format(*entry.date_time))
    if len(entries) > MAX_LISTED:
        table.remark(f"{len(entries) - MAX_LISTED} further entries are not listed.")
    return table.answer(empty="The archive is empty.")


def open_zip(file: BinaryIO) -> zipfile.ZipFile | None:
    """Open the directory; None where the file is no zip. Raises DamagedZipError."""
    file.seek(0)
    begins = file.read(2) == b"PK"
    try:
        archive = zipfile.ZipFile(file)
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        ValueError,
        OverflowError,
        OSError,
        IndexError,
    ) as problem:
        if not begins:
            return None
        raise DamagedZipError(str(problem) or type(problem).__name__) from problem
    if len(archive.infolist()) > MAX_ENTRIES:
        raise DamagedZipError(f"it has more than {MAX_ENTRIES} entries")
    return archive


def read_member(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """Unpack one member up to the limit, whatever its directory claims. Raises DamagedZipError."""
    try:
        with archive.open(name) as member:
            data = member.read(limit + 1)
    except RuntimeError as problem:
        raise DamagedZipError(f"{name} is encrypted or packed in an unknown way") from problem
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as problem:
        raise DamagedZipError(f"{name} cannot be unpacked: {problem}") from problem
    if len(data) > limit:
        raise DamagedZipError(f"{name} is larger than {limit} bytes")
    return data


def _oddities(entries: list[zipfile.ZipInfo]) -> list[str]:
    names = [entry.filename for entry in entries]
    found = {
        "Encrypted entries": sum(1 for entry in entries if entry.flag_bits & ENCRYPTED),
        "Entries packed in a way that is neither stored nor deflate": sum(
            1 for entry in entries if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        ),
        "Names that are absolute or lead out of the folder": sum(1 for name in names if _leads_out(name)),
        "Symbolic links": sum(
            1 for entry in entries if (entry.external_attr >> 16) & 0o170000 == SYMBOLIC_LINK
        ),
        "Entries of the same name as another": len(names) - len(set(names)),
        "Entries that claim to grow more than a thousandfold": sum(1 for entry in entries if _is_bomb(entry)),
        "Archives inside": sum(
            1 for name in names if name.lower().endswith((".zip", ".7z", ".rar", ".tar", ".gz"))
        ),
    }
    return [f"{what}: {count}." for what, count in found.items() if count]


def _ending(file: BinaryIO) -> list[str]:
    """Compare the end record with the file: parts on other disks, bytes that its comment does not cover."""
    size = file.seek(0, 2)
    file.seek(max(size - END_RECORD.size - MAX_COMMENT, 0))
    tail = file.read()
    place = tail.rfind(END_MARK)
    if place < 0 or len(tail) - place < END_RECORD.size:
        return []
    _, disk, first_disk, *_, comment = END_RECORD.unpack_from(tail, place)
    found = []
    if (disk or first_disk) and disk != ZIP64_ELSEWHERE:
        found.append("The archive is one part of several.")
    if place + END_RECORD.size + comment != len(tail):
        found.append("The bytes after the end record are not the comment that it announces.")
    return found


def _leads_out(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or parts[0] == "" or parts[0].endswith(":")


def _is_bomb(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size > BOMB_RATIO * max(entry.compress_size, 1)
