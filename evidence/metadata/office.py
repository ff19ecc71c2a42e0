"""Read the document properties of Office Open XML and OpenDocument files.

Loaded only inside the sandbox. It reads the small property parts of the zip, with limits, and refuses
documents whose XML declares entities. It does not read the text, tracked changes or macros, and not the older
binary formats.
"""

from typing import Any, BinaryIO, NamedTuple
from xml.parsers import expat

from evidence.metadata.table import Table, failed, not_applicable
from evidence.metadata.zip_list import DamagedZipError, open_zip, read_member

# Property parts are some kilobytes; a larger one is a bomb.
MAX_PART = 1024 * 1024
MAX_DEPTH = 16
MAX_FIELDS = 1000
OPEN_XML = {"docProps/core.xml": "core", "docProps/app.xml": "app", "docProps/custom.xml": "custom"}
OPEN_DOCUMENT = {"meta.xml": "meta"}
MANIFEST = "META-INF/manifest.xml"
# Parts that a reader of the report should know of.
NOTABLE = (
    ("vbaProject.bin", "macros"),
    ("comments", "comments"),
    ("thumbnail", "a thumbnail"),
    ("/embeddings/", "embedded files"),
    ("Basic/", "macros"),
)


class HostileXmlError(ValueError):
    """XML that declares a document type, goes too deep or has too many fields."""


class Field(NamedTuple):
    """One property; by_user where the author chose its name."""

    name: str
    value: str
    by_user: bool = False


class _Collector:
    """Text of the leaves of one property part, named by their element or by the name that a user gave."""

    def __init__(self) -> None:
        self.fields: list[Field] = []
        self._path: list[str] = []
        self._given = ""
        self._text = ""

    def start(self, element: str, attributes: dict[str, str]) -> None:
        self._path.append(_local(element))
        if len(self._path) > MAX_DEPTH or len(self.fields) > MAX_FIELDS:
            raise HostileXmlError("its properties are nested too deep or too many")
        self._text = ""
        if self._path[-1] in ("property", "user-defined"):
            self._given = next((value for key, value in attributes.items() if _local(key) == "name"), "")
        if self._path[-1] == "document-statistic":
            self.fields += [Field(_local(key), value) for key, value in attributes.items()]

    def end(self, element: str) -> None:
        text, self._text = self._text.strip(), ""
        if text and self._given:
            self.fields.append(Field(self._given, text, by_user=True))
        elif text:
            self.fields.append(Field(self._path[-1], text))
        if self._path.pop() in ("property", "user-defined"):
            self._given = ""

    def data(self, text: str) -> None:
        self._text += text


def read(file: BinaryIO, arguments: dict[str, Any], output: BinaryIO) -> dict[str, Any]:
    """Answer with the properties, or say why there are none."""
    try:
        archive = open_zip(file)
    except DamagedZipError as problem:
        return failed(f"The document is damaged: {problem}.")
    if archive is None:
        return not_applicable("The file is not a zip, as Office Open XML and OpenDocument files are.")
    names = set(archive.namelist())
    if "[Content_Types].xml" not in names and "meta.xml" not in names:
        return not_applicable("The zip holds neither an Office Open XML nor an OpenDocument file.")
    table = Table()
    try:
        if MANIFEST in names and b"encryption-data" in read_member(archive, MANIFEST, MAX_PART):
            return failed("The document is encrypted; its properties cannot be read without the password.")
        for part, prefix in {**OPEN_XML, **OPEN_DOCUMENT}.items():
            if part in names:
                _put(table, prefix, properties(read_member(archive, part, MAX_PART)))
    except (DamagedZipError, HostileXmlError) as problem:
        return failed(f"The document properties were not read: {problem}.")
    for sign, what in NOTABLE:
        if any(sign in name for name in names):
            table.remark(f"The document holds {what}, not read here.")
    return table.answer(empty="The document holds no properties.")


def _put(table: Table, prefix: str, fields: list[Field]) -> None:
    """Fields that the standards name go under that name, those of users as pairs of name and value."""
    own = 0
    for field in fields:
        if field.by_user:
            own += 1
            table.put(f"{prefix}.user.{own:03}.name", field.name)
            table.put(f"{prefix}.user.{own:03}.value", field.value)
        else:
            table.put(f"{prefix}.{field.name}", field.value)


def properties(data: bytes) -> list[Field]:
    """The fields of one property part. Raises HostileXmlError."""
    collector = _Collector()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = collector.start
    parser.EndElementHandler = collector.end
    parser.CharacterDataHandler = collector.data
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as problem:
        raise HostileXmlError(f"XML error: {problem}") from problem
    return collector.fields


def _local(name: str) -> str:
    return name.rsplit(" ", 1)[-1]


def _refuse_doctype(*_: object) -> None:
    """Neither format allows a document type; without one there are no entities to expand or fetch."""
    raise HostileXmlError("its XML declares a document type")
