"""Find the one proof bundle in a PDF report, and refuse a PDF in which a second one could be read.

An embedded file is a stream of /Type /EmbeddedFile, or one that a file specification points at. It is a
bundle if its file is named custody-proof.json, or if it says itself that it is one. Where the raw file has
more signs of embedded files than could be read as objects, the PDF is refused. Its pages are never looked at.
"""

from collections.abc import Iterable, Mapping, Sequence

from .bundle import FILE_NAME, FORMAT, MAX_BUNDLE
from .errors import MalformedError
from .findings import FindingCode, FoundError
from .pdf_objects import PdfObject, Reference, Value, objects, occurrences, stream_data, text

MAGIC = b"%PDF-"
# What may follow the key /EF: a dictionary, a reference, a comment. Without it, chance would find "/EF" in
# pictures.
_VALUE = rb"(?=[ \t\r\n\f\0]*(?:<<|%|[0-9]+[ \t\r\n\f\0]+[0-9]+[ \t\r\n\f\0]+R))"


def embedded_bundle(pdf: bytes) -> bytes:
    """Return the bundle. Raises FoundError if there is not exactly one that can be read."""
    try:
        bundles = _bundles(pdf)
    except MalformedError as error:
        raise FoundError(FindingCode.PDF_BUNDLE_DAMAGED, str(error)) from error
    if not bundles:
        raise FoundError(FindingCode.PDF_BUNDLE_MISSING, f"The PDF has no embedded {FILE_NAME}.")
    if len(bundles) > 1:
        raise FoundError(
            FindingCode.PDF_BUNDLE_SEVERAL,
            f"The PDF has {len(bundles)} proof bundles; two readers could be shown different facts.",
        )
    return bundles[0]


def _bundles(pdf: bytes) -> list[bytes]:
    found = list(objects(pdf))
    _check_nothing_hides(pdf, found)
    named: set[Reference] = set()
    pointed_at: set[Reference] = set()
    for one in found:
        targets = set(_targets(one.dictionary))
        pointed_at |= targets
        if FILE_NAME in (text(one.dictionary.get(b"F")), text(one.dictionary.get(b"UF"))):
            named |= targets
    bundles = []
    for one in found:
        if one.is_type(b"EmbeddedFile") or one.reference in pointed_at:
            data = stream_data(pdf, one, MAX_BUNDLE)
            if one.reference in named or FORMAT.encode() in data:
                bundles.append(data)
    # Not only for the name of a bundle: what cannot be found cannot be seen not to be one.
    if pointed_at - {one.reference for one in found}:
        raise MalformedError("The PDF names an embedded file that cannot be found in it.")
    return bundles


def _check_nothing_hides(pdf: bytes, found: Sequence[PdfObject]) -> None:
    """Compare what was read with a plain search, which no odd but legal spelling of a PDF escapes."""
    if occurrences(pdf, b"ObjStm"):
        raise MalformedError("The PDF has object streams, in which a second bundle could hide.")
    files = sum(one.is_type(b"EmbeddedFile") for one in found)
    pointers = sum(isinstance(one.dictionary.get(b"EF"), Mapping) for one in found)
    if occurrences(pdf, b"EmbeddedFile") != files or occurrences(pdf, b"EF", before=_VALUE) != pointers:
        raise MalformedError("The PDF has embedded files in places where a second bundle could hide.")


def _targets(dictionary: Mapping[bytes, Value]) -> Iterable[Reference]:
    """Give what a file specification points at, wherever in the dictionary it stands."""
    embedded = dictionary.get(b"EF")
    if isinstance(embedded, Mapping):
        yield from (value for value in embedded.values() if isinstance(value, Reference))


def is_pdf(data: bytes) -> bool:
    return data.startswith(MAGIC)
