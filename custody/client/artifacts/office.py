"""A word-processor letter (.docx) and a spreadsheet (.xlsx), written part by part with zipfile.

Only the parts that a reader needs, plus those that people forget when they redact: author, comment, header,
defined name, a name split over several runs. Every zip member carries the story's date.
"""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape

from . import story

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def _zip(parts: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    date = story.moment(4200).timetuple()[:6]
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in parts.items():
            info = zipfile.ZipInfo(name, date_time=date)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 0
            archive.writestr(info, _HEAD + text)
    return stream.getvalue()


def _content_types(overrides: dict[str, str]) -> str:
    rows = "".join(f'<Override PartName="/{part}" ContentType="{kind}"/>' for part, kind in overrides.items())
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{rows}</Types>'
    )


def _relations(targets: list[tuple[str, str]]) -> str:
    rows = "".join(
        f'<Relationship Id="r{number}" Type="{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{rows}</Relationships>'


def _properties(title: str, author: str, editor: str) -> str:
    created = story.moment(4200).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><dc:creator>{escape(author)}</dc:creator>"
        f"<cp:lastModifiedBy>{escape(editor)}</cp:lastModifiedBy>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{created}</dcterms:created></cp:coreProperties>'
    )


def _paragraph(*runs: str) -> str:
    texts = "".join(f'<w:r><w:t xml:space="preserve">{escape(run)}</w:t></w:r>' for run in runs)
    return f"<w:p>{texts}</w:p>"


def _word_body() -> str:
    zofie, rima = story.ZOFIE, story.RIMA
    paragraphs = [
        _paragraph("To whom it may concern"),
        _paragraph("My name is ", zofie.latin[:4], zofie.latin[4:], ". I was born on 17 April 2001."),
        _paragraph(f"I worked with {story.MYROSLAVA.name}, {rima.name} and {story.NGAN.name} in a hotel."),
        _paragraph("Our passports were taken into the office and were not given back when we asked."),
        _paragraph("We were told that we owed money for the travel. Nobody showed us a bill."),
        _paragraph(f"I can be reached at {zofie.phone} or {zofie.mail}. {rima.latin} at {rima.phone}."),
    ]
    commented = (
        '<w:p><w:commentRangeStart w:id="0"/><w:r><w:t>Written in the library.</w:t></w:r>'
        '<w:commentRangeEnd w:id="0"/><w:r><w:commentReference w:id="0"/></w:r></w:p>'
    )
    section = '<w:sectPr><w:headerReference w:type="default" r:id="r1"/></w:sectPr>'
    return (
        f'<w:document xmlns:w="{_WORD}" xmlns:r="{_OFFICE}"><w:body>'
        f"{''.join(paragraphs)}{commented}{section}</w:body></w:document>"
    )


def statement_docx() -> bytes:
    """Give the statement that one of the workers wrote, with header, comment and author."""
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    comment = (
        f'<w:comments xmlns:w="{_WORD}"><w:comment w:id="0" w:author="{story.MYROSLAVA.name}"'
        f' w:date="2026-03-05T10:00:00Z">{_paragraph("Žofko, add the dates please.")}</w:comment>'
        "</w:comments>"
    )
    header = f'<w:hdr xmlns:w="{_WORD}">{_paragraph("Statement, " + story.ZOFIE.name)}</w:hdr>'
    types = {
        "word/document.xml": f"{word}.document.main+xml",
        "word/header1.xml": f"{word}.header+xml",
        "word/comments.xml": f"{word}.comments+xml",
        "docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
    }
    root = [
        (f"{_OFFICE}/officeDocument", "word/document.xml"),
        (f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
    ]
    own = [(f"{_OFFICE}/header", "header1.xml"), (f"{_OFFICE}/comments", "comments.xml")]
    return _zip(
        {
            "[Content_Types].xml": _content_types(types),
            "_rels/.rels": _relations(root),
            "word/document.xml": _word_body(),
            "word/_rels/document.xml.rels": _relations(own),
            "word/header1.xml": header,
            "word/comments.xml": comment,
            "docProps/core.xml": _properties("Statement", story.ZOFIE.name, story.MYROSLAVA.name),
        }
    )


def _cell(column: str, row: int, value: str | int) -> str:
    if isinstance(value, int):
        return f'<c r="{column}{row}"><v>{value}</v></c>'
    return f'<c r="{column}{row}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'


def _sheet() -> str:
    head = ("Name", "Rooms", "Earned", "Housing", "Travel", "Documents", "Balance")
    lines: list[tuple[str | int, ...]] = [head]
    for pay in story.PAY:
        lines.append((pay.name, pay.rooms, pay.earned, pay.housing, pay.travel, pay.documents, pay.balance))
    rows = "".join(
        f'<row r="{number}">'
        + "".join(_cell("ABCDEFG"[at], number, value) for at, value in enumerate(line))
        + "</row>"
        for number, line in enumerate(lines, start=1)
    )
    return (
        f'<worksheet xmlns="{_SHEET}"><sheetData>{rows}</sheetData>'
        f"<headerFooter><oddHeader>&amp;C{story.AGENCY}: {story.ZOFIE.latin} and others</oddHeader>"
        "</headerFooter></worksheet>"
    )


def balance_xlsx() -> bytes:
    """Give the agency's table of wages and deductions, with a defined name and a page header."""
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    types = {
        "xl/workbook.xml": f"{sheet}.sheet.main+xml",
        "xl/worksheets/sheet1.xml": f"{sheet}.worksheet+xml",
        "docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
    }
    root = [
        (f"{_OFFICE}/officeDocument", "xl/workbook.xml"),
        (f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
    ]
    workbook = (
        f'<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="Balance" sheetId="1" r:id="r1"/></sheets><definedNames>'
        '<definedName name="Hvezdlova_Zofie">Balance!$A$2:$G$2</definedName></definedNames></workbook>'
    )
    return _zip(
        {
            "[Content_Types].xml": _content_types(types),
            "_rels/.rels": _relations(root),
            "xl/workbook.xml": workbook,
            "xl/_rels/workbook.xml.rels": _relations([(f"{_OFFICE}/worksheet", "worksheets/sheet1.xml")]),
            "xl/worksheets/sheet1.xml": _sheet(),
            "docProps/core.xml": _properties("Balance", story.MANAGER, story.MANAGER),
        }
    )
