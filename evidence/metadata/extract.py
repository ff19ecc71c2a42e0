"""Examine one file: name its type, then let every extractor answer, each in a sandbox of its own.

The parent's side: it holds no parser and trusts no answer. Every extractor gives an outcome for every file,
with the reason where it read nothing. Nothing is written anywhere; the caller records the answers.
"""

from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, BinaryIO

from evidence.metadata.outcome import Extraction, Outcome
from evidence.metadata.sandbox import (
    MAX_INPUT,
    MIB,
    Confinement,
    Limits,
    MemoryInput,
    RangeInput,
    SandboxCrashed,
    SandboxError,
    SandboxLimit,
    SandboxUnavailable,
    memory_input,
    run,
)
from evidence.metadata.table import MAX_REMARKS, MAX_TEXT, MAX_VALUES, fits, visible

# Raise it when an extractor's answers change their meaning.
OWN_VERSION = "1"
GIB = 1024 * MIB
LONGEST = 24 * 3600
# A reader that knows its time ends by itself before it is ended, and says how far it came.
OWN_SHARE = 0.9
# Enough for every test that libmagic has.
HEAD = 8 * MIB
UNKNOWN_TYPE = "application/octet-stream"
MAX_MESSAGE = MAX_REMARKS * MAX_TEXT
# Of a crash message some words are kept for the person who looks into it; they may quote the file.
MAX_DETAIL = 200


@dataclass(frozen=True)
class Extractor:
    """One parser: where it is, on which content types it is tried, what it reads in words."""

    name: str
    target: str
    library: str | None
    types: tuple[str, ...]
    reads: str
    limits: Limits
    # More time for each GiB; 0 for a reader that takes its file whole into memory, and so no large one.
    seconds_per_gib: int = 0

    def limits_for(self, size: int) -> Limits:
        """Time that grows with the file, never over a day."""
        more = self.seconds_per_gib * size / GIB
        return replace(self.limits, seconds=min(self.limits.seconds + more, LONGEST))


FILE_TYPE = Extractor(
    name="file_type",
    target="evidence.metadata.file_type:read",
    library="python-magic",
    types=("",),
    reads="every file",
    limits=Limits(seconds=20, memory_bytes=512 * MIB, output_bytes=MIB),
)
# A file of unknown type is tried by those that recognise their own format at its first bytes.
OTHERS = (
    Extractor(
        name="image",
        target="evidence.metadata.image:read",
        library="exifread",
        types=("image/", UNKNOWN_TYPE),
        reads="EXIF in pictures",
        limits=Limits(seconds=30, memory_bytes=768 * MIB, output_bytes=16 * MIB),
    ),
    Extractor(
        name="mail",
        target="evidence.metadata.mail:read",
        library=None,
        types=("message/", "text/", "application/mbox", UNKNOWN_TYPE),
        reads="e-mail in internet format",
        # A message of 230 MiB takes 40 s and some copies of itself in the standard library's parser.
        limits=Limits(seconds=180, memory_bytes=2048 * MIB, output_bytes=16 * MIB),
    ),
    Extractor(
        name="office",
        target="evidence.metadata.office:read",
        library=None,
        types=(
            "application/vnd.openxmlformats-officedocument",
            "application/vnd.oasis.opendocument",
            "application/vnd.ms-",
            "application/zip",
            UNKNOWN_TYPE,
        ),
        reads="Office Open XML and OpenDocument",
        limits=Limits(seconds=20, memory_bytes=512 * MIB, output_bytes=16 * MIB),
    ),
    Extractor(
        name="pdf",
        target="evidence.metadata.pdf:read",
        library=None,
        types=("application/pdf", UNKNOWN_TYPE),
        reads="PDF",
        limits=Limits(seconds=30, memory_bytes=1024 * MIB, output_bytes=16 * MIB),
    ),
    Extractor(
        name="archive",
        target="evidence.metadata.zip_list:read",
        library=None,
        types=("application/zip", "application/java-archive", "application/epub+zip", UNKNOWN_TYPE),
        reads="zip archives",
        limits=Limits(seconds=20, memory_bytes=512 * MIB, output_bytes=16 * MIB),
    ),
    Extractor(
        name="disk_image",
        target="evidence.metadata.disk_image:read",
        library="cramjam",
        types=("application/x-ewf", "application/zip", "application/x-iso9660-image", UNKNOWN_TYPE),
        reads="forensic disk images (EWF, AFF4, raw)",
        # A gigabyte of packed zeros unpacks to hundreds; a common one takes ten seconds on an idle machine.
        limits=Limits(seconds=120, memory_bytes=1024 * MIB, output_bytes=16 * MIB),
        seconds_per_gib=1800,
    ),
)


class AnswerError(ValueError):
    """The child's answer does not have the agreed form."""


def examine(
    file: BinaryIO, size: int, *, filename: str = "", confinement: Confinement = Confinement.REQUIRED
) -> list[Extraction]:
    """Return one Extraction of every extractor, file_type first.

    The file begins at its place 0; one larger than MAX_INPUT must be seekable. Its name decides nothing, it only
    helps to say which part of a split image this is.

    Raises SandboxUnavailable where this machine cannot confine a parser: examine the file elsewhere.
    """
    if size > MAX_INPUT:
        return _examine_large(file, size, filename, confinement)
    try:
        with memory_input(file) as memory:
            kind = _extract(FILE_TYPE, memory, {}, confinement)
            answers = [kind]
            for extractor in OTHERS:
                arguments = {"content_type": _content_type(kind), "filename": filename}
                answers.append(_tried(extractor, memory, arguments, confinement))
            return answers
    except SandboxLimit:
        # The file is longer than its caller said.
        return [_not_examined(extractor, size) for extractor in (FILE_TYPE, *OTHERS)]


def content_type(head: bytes, *, confinement: Confinement = Confinement.REQUIRED) -> str:
    """Name the type of a file from its first bytes. Raises SandboxError where libmagic gave no answer."""
    value = run(
        FILE_TYPE.target, file=head[:HEAD], arguments={}, limits=FILE_TYPE.limits, confinement=confinement
    ).value
    try:
        return _content_type(_checked(FILE_TYPE, value))
    except AnswerError as problem:
        raise SandboxCrashed("the type reader gave no usable answer") from problem


def _examine_large(file: BinaryIO, size: int, filename: str, confinement: Confinement) -> list[Extraction]:
    """A file too large for memory gets its type from its beginning; those who can read it in ranges do."""
    kind = _extract(FILE_TYPE, file.read(HEAD), {}, confinement)
    note = f"Only the first {HEAD // MIB} MiB of {size} bytes were read."
    kind = replace(kind, message=f"{kind.message} {note}".strip())
    answers = [kind]
    arguments = {"content_type": _content_type(kind), "filename": filename}
    for extractor in OTHERS:
        if extractor.seconds_per_gib:
            answers.append(_tried(extractor, RangeInput(file, size), arguments, confinement))
        elif arguments["content_type"].startswith(extractor.types):
            answers.append(_not_examined(extractor, size))
        else:
            answers.append(_unfit(extractor, arguments["content_type"]))
    return answers


def _tried(
    extractor: Extractor, file: MemoryInput | RangeInput, arguments: dict[str, Any], confinement: Confinement
) -> Extraction:
    if not arguments["content_type"].startswith(extractor.types):
        return _unfit(extractor, arguments["content_type"])
    return _extract(extractor, file, arguments, confinement)


def _extract(
    extractor: Extractor,
    file: MemoryInput | RangeInput | bytes,
    arguments: dict[str, Any],
    confinement: Confinement,
) -> Extraction:
    """Run one extractor; whatever the file does to it becomes an outcome."""
    limits = extractor.limits_for(len(file) if isinstance(file, bytes) else file.size)
    arguments = {**arguments, "seconds": limits.seconds * OWN_SHARE}
    try:
        answer = run(extractor.target, file=file, arguments=arguments, limits=limits, confinement=confinement)
        return _checked(extractor, answer.value)
    except SandboxUnavailable:
        raise
    except SandboxCrashed as problem:
        detail = visible(problem.detail[:MAX_DETAIL])
        return _answer(extractor, Outcome.FAILED, f"Not read: {problem}{': ' + detail if detail else ''}.")
    except (SandboxError, AnswerError) as problem:
        return _answer(extractor, Outcome.FAILED, f"Not read: {problem}.")


def _checked(extractor: Extractor, answer: object) -> Extraction:
    """Take over an answer only if each part has the agreed form: the child may lie about that as well."""
    if not isinstance(answer, dict) or set(answer) != {"outcome", "values", "message"}:
        raise AnswerError("the answer has other parts than agreed")
    outcome, values, message = answer["outcome"], answer["values"], answer["message"]
    if outcome not in list(Outcome) or not isinstance(values, dict) or len(values) > MAX_VALUES:
        raise AnswerError("the answer has an unknown outcome or too many values")
    if not all(fits(name, value) for name, value in values.items()):
        raise AnswerError("a value is too long, not printable or neither text nor a whole number")
    if not isinstance(message, str) or len(message) > MAX_MESSAGE or visible(message) != message:
        raise AnswerError("the message is too long or not printable")
    return Extraction(extractor.name, _version(extractor), Outcome(outcome), values, message)


def _content_type(kind: Extraction) -> str:
    value = kind.values.get("content_type", UNKNOWN_TYPE)
    return value if isinstance(value, str) and "/" in value else UNKNOWN_TYPE


def _unfit(extractor: Extractor, kind: str) -> Extraction:
    return _answer(extractor, Outcome.NOT_APPLICABLE, f"This reads {extractor.reads}; the file is {kind}.")


def _not_examined(extractor: Extractor, size: int) -> Extraction:
    sentence = f"Not examined: the file has {size} bytes or more, the limit is {MAX_INPUT // MIB} MiB."
    return _answer(extractor, Outcome.FAILED, sentence)


def _answer(extractor: Extractor, outcome: Outcome, message: str) -> Extraction:
    return Extraction(extractor.name, _version(extractor), outcome, {}, message)


def _version(extractor: Extractor) -> str:
    return f"{OWN_VERSION} ({_library_version(extractor.library)})" if extractor.library else OWN_VERSION


@cache
def _library_version(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"{name} of unknown version"
