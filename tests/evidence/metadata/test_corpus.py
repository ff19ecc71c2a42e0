"""Compare with what other tools report of the test corpus; each difference is listed with its reason.

The expected values were made by running ExifTool, file 5.44, mailparser and pdfinfo over files that nobody here
wrote. They say what a good tool reports, not what is true.
"""

import json
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

from evidence.metadata.outcome import Outcome
from evidence.metadata.table import visible
from tests import corpus
from tests.evidence.metadata.batch import answers

EXIFTOOL = {
    "camera.make": "IFD0:Make",
    "camera.model": "IFD0:Model",
    "software": "IFD0:Software",
    "time.taken": "ExifIFD:DateTimeOriginal",
    "time.digitized": "ExifIFD:CreateDate",
    "time.changed": "IFD0:ModifyDate",
}
NOT_READ = "EXIF inside this container is not read"
# File and our name of the value: reason.
EXIF_DIFFERENCES = {
    ("photos/metadata-extractor/Casio_EX-S1.jpg", "software"): "the file says 1.00, ExifTool prints a number",
    ("photos/exiftool/Casio2.jpg", "software"): "the file says 1.00, ExifTool prints a number",
    ("photos/exiftool/Panasonic.rw2", "software"): "ExifTool reads the embedded JPEG as well",
    ("photos/exiftool/Panasonic.rw2", "time.changed"): "ExifTool reads the embedded JPEG as well",
}
EXIF_NOT_READ = {
    "photos/exiftool/CanonRaw.cr3": NOT_READ,
    "photos/exiftool/CaptureOne.eip": NOT_READ,
    "photos/exiftool/Minolta.mrw": NOT_READ,
    "photos/exiftool/PDF.pdf": NOT_READ,
    "photos/exiftool/Photoshop.psd": NOT_READ,
    "photos/metadata-extractor/8x4x8bit-Grayscale.psd": NOT_READ,
}
POSITION_DIFFERENCES = {
    "photos/exiftool/InfiRay.jpg": "ExifTool prints an empty position, we say that it is unusable",
}

OLDER = "the wheel's libmagic 5.41 knows less than the 5.44 of the oracle"
OURS = "libmagic has no content type for it; ours comes from the signature"
# The wheel's answer, or the reason why another is right.
TYPE_DIFFERENCES = {
    "photos/exiftool/Jpeg2000.j2c": OLDER,
    "photos/exiftool/LNK.lnk": OLDER,
    "photos/exiftool/Palm.mobi": OLDER,
    "photos/exiftool/WPG.wpg": OLDER,
    "office/EmbeddedDocument.docx": OLDER,
    "mime-id/mitra/mini.woff2": OLDER,
    "mime-id/magika/srt--code.srt": OLDER,
    "mail/pst/dist-list.pst": OURS,
    "forensic/image.E01": OURS,
    "forensic/ext2.E01": OURS,
    "forensic/image_tsk.E01": OURS,
}

TEXT_WITH_NAME = "a text part with a name is an attachment for us and a body for mailparser"
MESSAGE = "an attached message without a name is an attachment for us"
ATTACHMENT_DIFFERENCES = {
    "mail/mime4j/infinite.msg": TEXT_WITH_NAME,
    "mail/mime4j/multi-igor2.msg": TEXT_WITH_NAME,
    "mail/mime4j/jt-0498.msg": MESSAGE,
    "mail/mime4j/mp-msg-rfc822.msg": MESSAGE,
    "mail/mime4j/multi-frag.msg": "the message ends in the middle; mailparser does not see its last part",
}
HEADER_DIFFERENCES = {
    (
        "malformed/mail/content_transfer_encoding_empty.eml",
        "subject",
    ): "we write out the invisible soft hyphen",
    (
        "malformed/mail/mailformed-headers.eml",
        "subject",
    ): "raw bytes: mailparser shows the replacement character",
    ("malformed/mail/bad_date_header.eml", "date"): "no date; mailparser reports the time of its own run",
    ("mail/mime4j/not-mime.msg", "date"): "no zone; mailparser takes its own",
}


def rows(name: str) -> Iterator[dict[str, Any]]:
    for line in corpus.path(f"oracle/{name}").read_text("utf-8").splitlines():
        row: dict[str, Any] = json.loads(line)
        yield row


@cache
def photos() -> dict[str, Any]:
    return answers("image", [str(path.relative_to(corpus.root())) for path in corpus.files("photos/**/*")])


def test_camera_and_times_agree_with_exiftool_over_all_photos() -> None:
    expected = {
        row["path"]: row["print"] for row in rows("exiftool.jsonl") if row["path"].startswith("photos/")
    }
    ours = photos()
    differences, compared = set(), 0
    for path, theirs in expected.items():
        if path in EXIF_NOT_READ:
            assert ours[path]["outcome"] == Outcome.NOT_APPLICABLE, path
            continue
        for name, tag in EXIFTOOL.items():
            left, right = str(theirs.get(tag, "")).strip(), ours[path]["values"].get(name, "").strip()
            compared += bool(left and right)
            if left != right:
                differences.add((path, name))
    assert differences == set(EXIF_DIFFERENCES)
    assert compared > 350


def test_positions_agree_with_exiftool_to_a_centimetre_over_all_photos() -> None:
    expected = {
        row["path"]: row["numeric"] for row in rows("exiftool.jsonl") if row["path"].startswith("photos/")
    }
    printed = {row["path"]: row["print"] for row in rows("exiftool.jsonl")}
    ours = photos()
    differences, compared = set(), 0
    for path in expected:
        both = expected[path] | printed[path]
        for name, tag in (
            ("gps.latitude", "Composite:GPSLatitude"),
            ("gps.longitude", "Composite:GPSLongitude"),
        ):
            theirs, value = both.get(tag), ours[path]["values"].get(name)
            if isinstance(theirs, str):
                theirs = signed_degrees(theirs)
            if theirs is None or value is None:
                if (tag in both) != (value is not None):
                    differences.add(path)
                continue
            compared += 1
            # ExifTool prints hundredths of a second of arc, which is 30 cm.
            assert abs(Decimal(str(theirs)) - Decimal(value)) < Decimal("0.0000015"), (path, theirs, value)
    assert differences == set(POSITION_DIFFERENCES)
    assert compared >= 20


def signed_degrees(printed: str) -> Decimal | None:
    """A position as ExifTool prints it: 33 deg 51' 25.04" S."""
    parts = printed.replace("deg", " ").replace("'", " ").replace('"', " ").split()
    if len(parts) != 4:
        return None
    degrees, minutes, seconds = (Decimal(part) for part in parts[:3])
    return (degrees + minutes / 60 + seconds / 3600) * (-1 if parts[3] in "SW" else 1)


def test_photos_without_exif_for_exiftool_have_none_for_us() -> None:
    expected = {
        row["path"]: row["print"] for row in rows("exiftool.jsonl") if row["path"].startswith("photos/")
    }
    ours = photos()
    for path, theirs in expected.items():
        if ours[path]["outcome"] == Outcome.NOTHING:
            assert not any(tag.startswith(("IFD0:", "ExifIFD:", "GPS:")) for tag in theirs), path


def test_no_photo_s_exif_breaks_the_reader() -> None:
    for path, answer in photos().items():
        assert "Error" not in answer["message"], (path, answer["message"])


def test_content_types_agree_with_libmagic_over_the_whole_corpus() -> None:
    lines = corpus.path("oracle/magic.tsv").read_text("utf-8").splitlines()[1:]
    expected = {line.split("\t")[0]: line.split("\t")[2] for line in lines}
    ours = answers("file_type", list(expected))
    differences = {path for path, kind in expected.items() if ours[path]["values"]["content_type"] != kind}
    unexplained = differences - set(TYPE_DIFFERENCES)
    assert not unexplained
    assert {path for path in TYPE_DIFFERENCES if TYPE_DIFFERENCES[path] == OURS} <= differences


def test_attachments_and_headers_agree_with_mailparser() -> None:
    expected = {row["path"]: row for row in rows("eml.jsonl")}
    ours = answers("mail", list(expected), "message/rfc822")
    attachments, headers = set(), set()
    for path, row in expected.items():
        values = ours[path]["values"]
        assert ours[path]["outcome"] == Outcome.FOUND, (path, ours[path]["message"])
        found = [
            (
                values[f"attachment.{n:03}.type"],
                values[f"attachment.{n:03}.size"],
                values[f"attachment.{n:03}.sha256"],
            )
            for n in range(1, values["attachments"] + 1)
        ]
        if found != [(one["type"], one["size"], one["sha256"]) for one in row["attachments"]]:
            attachments.add(path)
        if (row["subject"] or "").strip() != values.get("subject", ""):
            headers.add((path, "subject"))
        if (row["messageId"] or "") != values.get("message-id", ""):
            headers.add((path, "message-id"))
        if (row["date"] or "")[:19] != values.get("date.utc", "")[:19]:
            headers.add((path, "date"))
    assert attachments == set(ATTACHMENT_DIFFERENCES)
    assert headers == set(HEADER_DIFFERENCES)


def test_office_properties_agree_with_exiftool() -> None:
    """Of the properties that both report: author, title, last editor and revision."""
    expected = {
        row["path"]: row["print"]
        for row in rows("exiftool.jsonl")
        if row["path"].startswith("office/") and row["path"].endswith(("docx", "docm", "xlsx", "pptx"))
    }
    ours = answers("office", list(expected), "application/zip")
    compared = 0
    for path, theirs in expected.items():
        values = ours[path]["values"]
        for name, tag in (
            ("core.creator", "XMP-dc:Creator"),
            ("core.title", "XMP-dc:Title"),
            ("core.lastModifiedBy", "XML:LastModifiedBy"),
            ("core.revision", "XML:RevisionNumber"),
            ("app.Application", "XML:Application"),
            ("app.Company", "XML:Company"),
        ):
            if tag in theirs and name in values:
                assert str(theirs[tag]).strip() == values[name], (path, name)
                compared += 1
    assert compared >= 20


def test_pdf_tables_never_contradict_poppler() -> None:
    """Where we give a number or a text at all, it is the one that pdfinfo gives."""
    expected = {row["path"]: row["pdfinfo"] for row in rows("pdf.jsonl") if row.get("pdfinfo")}
    expected = {path: info for path, info in expected.items() if path.startswith("pdf/")}
    ours = answers("pdf", list(expected), "application/pdf")
    compared = 0
    for path, info in expected.items():
        values = ours[path]["values"]
        assert values["encrypted"].startswith("yes") == info["Encrypted"].startswith("yes"), path
        if "page_objects" in values:
            assert str(values["page_objects"]) == info["Pages"], path
            compared += 1
        for name in ("Title", "Author", "Producer", "Creator"):
            # pdfinfo prints nothing after an empty title; the oracle then holds the next line.
            if values.get(f"info.{name}") and name in info:
                assert values[f"info.{name}"].strip() == visible(info[name]).strip(), (path, name)
                compared += 1
    assert compared >= 30
