"""Document properties are read with limits; hostile XML and zips are refused with a reason."""

import zipfile
from io import BytesIO

import pytest

from evidence.metadata.office import MAX_PART, HostileXmlError, properties
from evidence.metadata.outcome import Outcome
from tests.evidence.metadata.answers import ask

CORE = (
    '<cp:coreProperties xmlns:cp="urn:cp" xmlns:dc="urn:dc" xmlns:dcterms="urn:t"><dc:creator>Zoë</dc:creator>'
    "<cp:lastModifiedBy>A\u202eB</cp:lastModifiedBy><dcterms:created>2024-03-01T09:00:00Z</dcterms:created>"
    "</cp:coreProperties>"
)
CUSTOM = (
    '<Properties xmlns="urn:c" xmlns:vt="urn:v"><property fmtid="{1}" pid="2" name="Schlüssel">'
    "<vt:lpwstr>geheim</vt:lpwstr></property></Properties>"
)
META = (
    '<office:document-meta xmlns:office="urn:o" xmlns:dc="urn:dc" xmlns:meta="urn:m"><office:meta>'
    '<dc:creator>Zoë</dc:creator><meta:user-defined meta:name="Fall">7</meta:user-defined>'
    '<meta:document-statistic meta:page-count="3"/></office:meta></office:document-meta>'
)
BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    '<cp:coreProperties xmlns:cp="urn:cp"><cp:title>&b;</cp:title></cp:coreProperties>'
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x><y>&a;</y></x>'
TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def document(**parts: str | bytes) -> bytes:
    """A zip of the parts; underscores stand for the slashes in their names."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("_", "/").replace("/xml", ".xml"), data)
    return out.getvalue()


def open_xml(**parts: str | bytes) -> bytes:
    data = BytesIO(document(**parts))
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    return data.getvalue()


def test_open_xml_properties_are_read() -> None:
    answer = ask("office", open_xml(docProps_core_xml=CORE, docProps_custom_xml=CUSTOM), TYPE)
    assert answer["outcome"] == Outcome.FOUND
    assert answer["values"] == {
        "core.creator": "Zoë",
        "core.lastModifiedBy": "A⟨U+202E⟩B",
        "core.created": "2024-03-01T09:00:00Z",
        "custom.user.001.name": "Schlüssel",
        "custom.user.001.value": "geheim",
    }


def test_open_document_properties_are_read() -> None:
    answer = ask(
        "office", document(meta_xml=META, content_xml="<x/>"), "application/vnd.oasis.opendocument.text"
    )
    assert answer["values"] == {
        "meta.creator": "Zoë",
        "meta.user.001.name": "Fall",
        "meta.user.001.value": "7",
        "meta.page-count": "3",
    }


@pytest.mark.parametrize("hostile", [BOMB, OUTSIDE])
def test_a_document_that_declares_entities_is_refused(hostile: str) -> None:
    with pytest.raises(HostileXmlError):
        properties(hostile.encode())
    answer = ask("office", open_xml(docProps_core_xml=hostile), TYPE)
    assert answer["outcome"] == Outcome.FAILED
    assert "declares a document type" in answer["message"]


def test_deep_and_endless_properties_are_refused() -> None:
    for hostile in (b"<x>" * 100, b"<x>" + b"<y>1</y>" * 5000 + b"</x>"):
        with pytest.raises(HostileXmlError):
            properties(hostile)


def test_a_part_that_unpacks_to_more_than_its_limit_is_refused() -> None:
    answer = ask("office", open_xml(docProps_core_xml=b" " * (200 * MAX_PART)), TYPE)
    assert answer["outcome"] == Outcome.FAILED
    assert "larger than" in answer["message"]


def test_a_document_without_properties_is_nothing() -> None:
    assert ask("office", open_xml(), TYPE)["outcome"] == Outcome.NOTHING


def test_macros_and_embedded_files_are_named() -> None:
    answer = ask("office", open_xml(word_vbaProject=b"", docProps_core_xml=CORE), TYPE)
    assert "macros" not in answer["message"]
    data = BytesIO(open_xml(docProps_core_xml=CORE))
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr("word/vbaProject.bin", b"")
        archive.writestr("word/embeddings/1.bin", b"")
    message = ask("office", data.getvalue(), TYPE)["message"]
    assert "macros" in message
    assert "embedded files" in message


def test_an_encrypted_document_says_so() -> None:
    data = BytesIO(document(meta_xml=b"\x00\x01"))
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr("META-INF/manifest.xml", "<m:encryption-data/>")
    answer = ask("office", data.getvalue(), "application/vnd.oasis.opendocument.text")
    assert answer["outcome"] == Outcome.FAILED
    assert "encrypted" in answer["message"]


def test_a_damaged_document_is_a_failure_and_another_file_not_applicable() -> None:
    whole = open_xml(docProps_core_xml=CORE)
    assert ask("office", whole[: len(whole) // 2], TYPE)["outcome"] == Outcome.FAILED
    assert ask("office", b"\xd0\xcf\x11\xe0", "application/vnd.ms-excel")["outcome"] == Outcome.NOT_APPLICABLE
    assert ask("office", document(other="x"), "application/zip")["outcome"] == Outcome.NOT_APPLICABLE
