"""Recognise a raw disk image by its partition table or file system, and say whether all of it is here.

Loaded only inside the sandbox. A raw image holds no digest of itself: there is nothing to verify but that the
file is as long as its own tables say. The first part of a split image (001, 002 ...) shows by being shorter.
"""

import re
from struct import Struct, unpack_from
from typing import BinaryIO

from evidence.metadata.verification import Verification

SECTOR = 512
HEAD = 64 * 1024
MBR_MARK = b"\x55\xaa"
# Status, start, type, end, first sector, sectors.
PARTITION = Struct("<B3sB3sII")
PARTITIONS = 446
GPT_KIND = 0xEE
GPT_MARK = b"EFI PART"
# Backup header and last usable sector of the GPT header.
GPT_LAST = Struct("<QQQ")
NUMBERED = re.compile(r"\.(\d{3,4})$")


def describe(file: BinaryIO, size: int, filename: str, verification: Verification) -> bool:
    """Fill in what kind of raw image it is and how long it should be; False where it shows no sign of one."""
    file.seek(0)
    head = file.read(HEAD)
    found = _file_system(head) or _partitions(head)
    if found is None:
        return False
    kind, length = found
    verification.put("image.format", "raw")
    verification.put("media.size", size)
    verification.put("media.layout", kind)
    verification.put("media.size.by_its_tables", length)
    verification.table.remark(
        "A raw image states no digest of itself; the digests of the exhibit are those of the image."
    )
    if length > size:
        verification.not_read(
            f"By its own tables the medium has {length} bytes or more, this file {size}: the rest lies in further parts"
            " (002 and on) outside of this exhibit, or is lost."
        )
    number = NUMBERED.search(filename)
    if number:
        verification.not_read(
            f"The file is named as part {number.group(1)} of a split image; the other parts are not in this exhibit."
        )
    return True


def _partitions(head: bytes) -> tuple[str, int] | None:
    """A partition table with at least one entry that makes sense."""
    if head[510:512] != MBR_MARK:
        return None
    for sector in (SECTOR, 4096):
        if head[sector : sector + 8] == GPT_MARK:
            _, backup, _ = GPT_LAST.unpack_from(head, sector + 24)
            return "GPT partition table", (backup + 1) * sector
    entries = [PARTITION.unpack_from(head, PARTITIONS + 16 * place) for place in range(4)]
    used = [entry for entry in entries if entry[2]]
    if not used or any(entry[0] not in (0, 0x80) or not entry[4] or not entry[5] for entry in used):
        return None
    if all(entry[2] == GPT_KIND for entry in used):
        return None
    return "MBR partition table", max(entry[4] + entry[5] for entry in used) * SECTOR


def _file_system(head: bytes) -> tuple[str, int] | None:
    """A file system without a partition table: ext2/3/4, NTFS, exFAT, FAT, ISO 9660."""
    if len(head) > 1100 and head[1080:1082] == b"\x53\xef":
        blocks, exponent = unpack_from("<I", head, 1028)[0], unpack_from("<I", head, 1048)[0]
        return ("ext2, ext3 or ext4", blocks << (10 + exponent)) if exponent <= 6 and blocks else None
    if head[3:11] == b"NTFS    ":
        sector, sectors = unpack_from("<H", head, 11)[0], unpack_from("<Q", head, 40)[0]
        return "NTFS", sector * sectors
    if head[3:11] == b"EXFAT   " and 9 <= head[108] <= 12:
        return "exFAT", unpack_from("<Q", head, 72)[0] << head[108]
    if head[:1] in (b"\xeb", b"\xe9") and head[510:512] == MBR_MARK and head[21] >= 0xF0:
        sector, few, many = (*unpack_from("<H6xH", head, 11), unpack_from("<I", head, 32)[0])
        return ("FAT", sector * (few or many)) if sector in (512, 1024, 2048, 4096) else None
    if head[32768:32774] == b"\x01CD001":
        return "ISO 9660", unpack_from("<I", head, 32848)[0] * unpack_from("<H", head, 32896)[0]
    return None
