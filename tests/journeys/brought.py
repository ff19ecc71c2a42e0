"""Real files that somebody brings: names chosen from the test corpus, copied as one folder.

Small ones, so that every kind of file fits in a minute; the large and the hostile ones have tests of their own.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests import corpus

CHOSEN = {
    "photographs, some with a place": """
        photos/exiftool/GPS.jpg photos/exiftool/Apple.jpg photos/exiftool/Google.jpg photos/exiftool/Nikon.jpg
        photos/exiftool/Sony.jpg photos/exiftool/IPTC.jpg photos/exiftool/ExtendedXMP.jpg photos/exiftool/GeoTiff.tif
        photos/exiftool/QuickTime.heic photos/exiftool/XMP.svg photos/exif-py/Sony_alpha_a58.JPG
        photos/metadata-extractor/Canon_IXUS.jpg photos/c2pa/A.jpg photos/exiftool/GIF.gif""",
    "e-mail": """
        mail/eml/attachment_pdf.eml mail/eml/attachment_message_rfc822.eml mail/eml/bilingual-simple.eml
        mail/eml/attachment_nonascii_filename.eml mail/eml/nested.eml mail/mime4j/german.msg mail/mime4j/russian.msg
        mail/msg/simple_test_msg.msg mail/msg/chinese-traditional.msg mail/tika/testMBOX_complex.mbox""",
    "conversations": """
        chat/whatsapp/test_ddmmyy_24hrs.txt chat/telegram/test_single_export.json chat/signal/test_export.txt
        chat/contacts.vcf""",
    "documents": """
        office/SampleDoc.docx office/SimpleMacro.docm office/sample.xlsx office/sample.pptx office/PasswordProtected.doc
        office/documentProperties.doc office/testODTEncrypted.odt mime-id/magika/ods--magika_test.ods
        mime-id/magika/rtf--doc.rtf mime-id/magika/csv--magika_test.csv mime-id/magika/epub--doc.epub
        pdf/cabinet/fileAttachment.pdf pdf/cabinet/javascript.pdf pdf/encrypted/r6-both-passwords.pdf
        pdf/signed/tail-uncovered.pdf pdf/pdfa/veraPDF_test_suite_6-2-2-t02-pass-a.pdf pdf/redaction-ok/ok_words.pdf""",
    "images of disks": "forensic/image.E01 forensic/ext2.E01 forensic/dream.aff4",
    "sound, film, archives": """
        media/audio/full.mp3 media/mp4/sample.mp4 mime-id/mitra/zip.zip mime-id/mitra/7-zip.7z
        mime-id/mitra/tar.tar mime-id/mitra/rar4.rar""",
    "broken and hostile": """
        malformed/pdf-qpdf/bad1.pdf malformed/pdf-fuzz/qpdf-15390.fuzz.pdf malformed/pdf-pyhanko/circular-page-tree.pdf
        malformed/image-pillow/truncated_jpeg.jpg malformed/image-pillow/BOMB-pixels-decompression_bomb.gif
        malformed/image-pillow/broken.png malformed/heif/truncated.heic malformed/audio/corrupt_metadata.ogg
        malformed/mail/mailformed-headers.eml malformed/mail/missing-boundaries.eml malformed/office/truncated62886.docx
        malformed/office/BOMB-xml-poc-xmlbomb.xlsx malformed/office/ExternalEntityInText.docx
        malformed/BOMB-recursive-quine-droste.zip malformed/traversal/tar-traverse-via-links.tar
        malformed/strings/blns.txt malformed/collisions/sha1-1.pdf malformed/collisions/sha1-2.pdf""",
}
BROKEN = "broken and hostile"


@dataclass(frozen=True)
class Brought:
    """The folder; digests of its files by name; what cannot be taken in, and words of the reason."""

    folder: Path
    digests: dict[str, str]
    obstacles: dict[str, str]


def bring(folder: Path) -> Brought:
    """Copy the chosen files into a folder, with an empty file and a link among them."""
    digests = {}
    for number, name in enumerate(name for group in CHOSEN.values() for name in group.split()):
        source = corpus.path(name)
        # Some names occur twice, and one hostile name is made here: a reader must see what it is.
        target = folder / f"{number:02}-{source.name}"
        shutil.copyfile(source, target)
        digests[target.name] = hashlib.sha256(target.read_bytes()).hexdigest()
    hostile = folder / "99-invoice\u202efdp.exe"
    hostile.write_bytes(b"MZ not a program\n")
    digests[hostile.name] = hashlib.sha256(hostile.read_bytes()).hexdigest()
    (folder / "empty.txt").touch()
    (folder / "link.txt").symlink_to("/etc/hostname")
    return Brought(folder, digests, {"empty.txt": "empty (0 bytes)", "link.txt": "links are not followed"})
