"""Turn report content and a proof bundle into a PDF: the same input gives the same bytes, always.

Does: lay out with typst as PDF/A-3a and PDF/UA-1 (archival, tagged), embed the bundle as custody-proof.json.
Does not: read tables, decide what a report says (content.py), or sign (seal.py). Nothing is written to disk
and nothing is fetched. All text goes to the template as JSON data and can therefore never be markup.
"""

import json
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import typst

from custody.reports.content import ReportContent
from custody.reports.fonts import FontSet, find_fonts
from custody.reports.page_data import page_data, rows

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "reports"
MAX_ROWS = 20_000  # 5,000 events take about half a gigabyte while being laid out
MAX_BUNDLE = 64 * 1024 * 1024


class Paper(StrEnum):
    A4 = "a4"
    LETTER = "us-letter"


class RenderError(Exception):
    """The report could not be made; the text says why in words."""


def render(
    content: ReportContent,
    bundle: bytes,
    *,
    created: datetime,
    paper: Paper = Paper.A4,
    fonts: FontSet | None = None,
) -> bytes:
    """Make revision 0 of the report: a PDF with the bundle inside, ready to be sealed.

    Raises: RenderError, FontError (fonts not installed), ContentError (content that must not be printed).
    """
    if created.tzinfo is None:
        raise RenderError("the time of making needs a zone")
    if rows(content) > MAX_ROWS:
        raise RenderError(f"the report would have {rows(content)} rows; print it exhibit by exhibit")
    if len(bundle) > MAX_BUNDLE:
        raise RenderError(f"the proof bundle has {len(bundle)} bytes; a report holds at most {MAX_BUNDLE}")
    try:
        bundle_text = bundle.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RenderError("the proof bundle is not UTF-8 and so not a bundle") from error
    fonts = fonts or find_fonts()
    data = json.dumps(page_data(content, bundle, created=created, fonts=fonts), allow_nan=False)
    pdf = _laid_out({"data": data, "bundle": bundle_text, "paper": paper.value}, fonts, created)
    # An incremental update (the seal) may only start on a new line, or the file stops being PDF/A.
    return pdf if pdf.endswith(b"\n") else pdf + b"\n"


def _laid_out(inputs: dict[str, str], fonts: FontSet, created: datetime) -> bytes:
    try:
        return typst.compile(
            TEMPLATES / "custody.typ",
            root=TEMPLATES,
            font_paths=fonts.loaded,
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=["a-3a", "ua-1"],
            sys_inputs=inputs,
            timestamp=int(created.timestamp()),
        )
    except typst.TypstError as error:
        raise RenderError(f"the report could not be laid out: {error.message}") from error
