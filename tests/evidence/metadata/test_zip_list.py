"""A zip is listed, never unpacked, and each oddity is named."""

import stat
import warnings
import zipfile
from io import BytesIO

import pytest

from evidence.metadata.outcome import Outcome
from tests.evidence.metadata.answers import ask


def archive(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    out = BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        warnings.simplefilter("ignore")
        for name, data in entries:
            file.writestr(name, data)
    return out.getvalue()


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def packed(method: int) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        file.writestr("x", b"x")
    return out.getvalue()


def test_names_sizes_and_times_are_listed() -> None:
    info = zipfile.ZipInfo("Grüße/b.txt", (2024, 2, 29, 10, 20, 30))
    values = ask("archive", archive((info, b"hello")), "application/zip")["values"]
    assert values["entries"] == 1
    assert values["entry.001.name"] == "Grüße/b.txt"
    assert values["entry.001.size"] == 5
    assert values["entry.001.time"] == "2024-02-29 10:20:30"


@pytest.mark.parametrize(
    ("data", "remark"),
    [
        (archive(("../x", b"")), "Names that are absolute or lead out of the folder: 1."),
        (archive(("/etc/x", b"")), "Names that are absolute or lead out of the folder: 1."),
        (archive(("C:\\x", b"")), "Names that are absolute or lead out of the folder: 1."),
        (archive(("a\\..\\..\\x", b"")), "Names that are absolute or lead out of the folder: 1."),
        (archive((link("x"), b"/etc/passwd")), "Symbolic links: 1."),
        (archive(("x", b"1"), ("x", b"2")), "Entries of the same name as another: 1."),
        (archive(("x", bytes(20_000_000))), "Entries that claim to grow more than a thousandfold: 1."),
        (archive(("inner.zip", b"")), "Archives inside: 1."),
        (packed(zipfile.ZIP_LZMA), "packed in a way that is neither stored nor deflate: 1."),
        (archive(("x", b"")) + b"behind", "The bytes after the end record are not the comment"),
    ],
)
def test_an_oddity_is_named(data: bytes, remark: str) -> None:
    answer = ask("archive", data, "application/zip")
    assert answer["outcome"] == Outcome.FOUND
    assert remark in answer["message"]
    assert "nothing was unpacked" in answer["message"]


def test_an_encrypted_entry_is_counted() -> None:
    data = bytearray(archive(("x", b"")))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    answer = ask("archive", bytes(data), "application/zip")
    assert answer["values"]["entries.encrypted"] == 1
    assert "Encrypted entries: 1." in answer["message"]


def test_a_long_list_ends_at_the_limit_and_says_so() -> None:
    answer = ask("archive", archive(*[(f"{n}", b"") for n in range(600)]), "application/zip")
    assert answer["values"]["entries"] == 600
    assert "100 further entries are not listed." in answer["message"]


def test_a_damaged_zip_is_a_failure_and_another_file_not_applicable() -> None:
    whole = archive(("x", b"hello"))
    assert ask("archive", whole[:-10], "application/zip")["outcome"] == Outcome.FAILED
    assert ask("archive", b"Rar!", "application/zip")["outcome"] == Outcome.NOT_APPLICABLE
