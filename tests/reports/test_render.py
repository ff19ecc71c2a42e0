"""The PDF of a report: reproducible, archival, with its proof inside, and inert whatever text it prints."""

import hashlib
import io
import itertools
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from custody.reports import content as c
from custody.reports.fonts import FontError, FontSet, find_fonts
from custody.reports.render import Paper, RenderError, render
from custody.reports.statements import LIMITS, TERMS
from tests.reports import sample
from tests.reports.page_text import page_runs, page_text

LIMIT = 1.0  # seconds for the layout of 150 events
MARGIN = 19 / 25.4 * 72
WIDTH = {Paper.A4: 595.28, Paper.LETTER: 612.0}
SCRIPTS = {
    "Greek": "Εκτέλεση αντιγράφου",
    "Cyrillic": "Харківська поліція",
    "Chinese": "中华人民共和国公安部",
    "Japanese": "デジタル証拠",
    "Korean": "디지털 증거",
    "Devanagari": "साक्ष्य संख्या",
    "Thai": "หลักฐานดิจิทัล",
    "Arabic": "مكتب التحقيقات الجنائية",
    "Hebrew": "יחידת הראיות",
}
HOSTILE = (
    '#panic("stop")',
    '#read("/etc/passwd")',
    "#sys.inputs.bundle",
    "*bold* _emph_ `raw`",
    "$ sum_(i) $",
    "@check <limits>",
    "= Heading",
    "// gone /* gone */",
    '"}, {"a": "b"',
    "\\u{41} \\ \\n",
    "&lt;script&gt;",
    "] #set page(paper: []) [",
)


@pytest.fixture(scope="module")
def report() -> bytes:
    return render(sample.case_report(), sample.BUNDLE, created=sample.CREATED)


def root(pdf: bytes):
    return PdfFileReader(io.BytesIO(pdf)).root


def embedded_files(pdf: bytes):
    """Every file specification with its bytes, by name."""
    names = root(pdf)["/Names"]["/EmbeddedFiles"]["/Names"]
    return [(str(names[at]), names[at + 1].get_object()) for at in range(0, len(names), 2)]


def outline_titles(pdf: bytes) -> int:
    return int(root(pdf)["/Outlines"]["/Count"])


def hostile_report() -> c.ReportContent:
    """A report with what breaks layouts: long names, all scripts, hidden characters, whole pages of text."""
    whole = sample.case_report(items=3, events=4, transfers=1)
    long = c.Person("Wm" * 150, "Oberkriminalhauptmeisterin " * 11, "X" * 300, "0" * 300)
    items = list(whole.items)
    items[0] = replace(
        items[0], description="W" * 300, file_name="a" * 255, custodian=long, storage="ก" * 300
    )
    items[1] = replace(items[1], exhibit="E" * 60, description="lorem ipsum " * 300, marks="مرحبا" * 60)
    items[2] = replace(items[2], make=SCRIPTS["Arabic"], model=SCRIPTS["Hebrew"], serial="漢" * 300)
    events = tuple(
        replace(event, actor=long, purpose="P" * 300, detail="word " * 1500, refs=(1, 2, 3))
        for event in whole.events
    )
    signed = replace(whole.transfers[0].released_by, person=long)
    transfer = replace(whole.transfers[0], released_by=signed, purpose="p" * 300, exhibits=("E" * 60,) * 20)
    return replace(
        whole, items=tuple(items), events=events, transfers=(transfer,), case_number="N" * 300, agency="A " * 150,
        handling="H" * 40, offence=SCRIPTS["Thai"] * 20, report_id="r" * 64,
    )  # fmt: skip


def test_the_same_report_comes_out_the_same_to_the_byte(report: bytes) -> None:
    again = render(sample.case_report(), sample.BUNDLE, created=sample.CREATED)
    assert again == report


def test_another_process_makes_the_same_bytes(report: bytes) -> None:
    code = (
        "import hashlib; from tests.reports import sample; from custody.reports.render import render;"
        "print(hashlib.sha256(render(sample.case_report(), sample.BUNDLE, created=sample.CREATED)).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip() == hashlib.sha256(report).hexdigest()


def test_the_time_of_making_is_the_only_clock_in_the_file(report: bytes) -> None:
    info = PdfFileReader(io.BytesIO(report)).trailer_view["/Info"]
    assert str(info["/CreationDate"]).startswith("D:20261121093000")
    later = render(sample.case_report(), sample.BUNDLE, created=sample.CREATED + timedelta(seconds=1))
    assert later != report


def test_the_bundle_is_the_only_file_inside_and_is_whole(report: bytes) -> None:
    (found,) = embedded_files(report)
    name, specification = found
    stream = specification["/EF"]["/F"].get_object()
    assert name == specification["/UF"] == "custody-proof.json"
    assert specification["/AFRelationship"] == "/Data"
    assert stream["/Subtype"] == "/application/vnd.unbroken.custody-bundle+json"
    assert stream.data == sample.BUNDLE
    assert [each.get_object() for each in root(report)["/AF"]] == [specification]


def test_the_file_claims_archive_and_accessibility_and_is_tagged(report: bytes) -> None:
    metadata = root(report)["/Metadata"].data.decode()
    assert (
        "<pdfaid:part>3</pdfaid:part>" in metadata
        and "<pdfaid:conformance>A</pdfaid:conformance>" in metadata
    )
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert "/StructTreeRoot" in root(report) and root(report)["/MarkInfo"]["/Marked"]
    assert root(report)["/Lang"] == "en"
    assert "Chain-of-custody report 2026-11-0042" in metadata


def test_the_file_ends_with_a_line_end_so_that_a_seal_can_follow(report: bytes) -> None:
    assert report.endswith(b"%%EOF\n")


def test_every_page_names_case_report_bundle_and_place(report: bytes) -> None:
    pages: dict[int, str] = {}
    for run in page_runs(report):
        pages[run.page] = pages.get(run.page, "") + run.text
    short = hashlib.sha256(sample.BUNDLE).hexdigest()[:16]
    for number, text in pages.items():
        assert "Case HP/2026/1187" in text and "Report 2026-11-0042" in text
        assert short in text and f"Page {number} of {len(pages)}" in text
        assert "TEST – not for court" in text


def test_a_report_with_a_real_seal_says_nothing_of_tests() -> None:
    text = page_text(render(sample.case_report(test_seal=False), sample.BUNDLE, created=sample.CREATED))
    assert "TEST" not in text


def test_what_the_report_does_not_prove_and_its_words_are_printed(report: bytes) -> None:
    text = page_text(report)
    for title, sentence in (*LIMITS, *TERMS):
        assert title in text and sentence.split()[0] in text
    for part in ("How to check this report", "python -m custody.proof report.pdf --policy agency.policy"):
        assert part in text


def test_hashes_are_printed_whole(report: bytes) -> None:
    text = page_text(report)
    for digest in (*sample.item(0).digests, *sample.item(0).declared):
        assert str(digest.value) in text
    for event in (sample.signature(0, 40), sample.signature(1, 41)):
        assert event.leaf in text and event.key in text
    assert hashlib.sha256(sample.BUNDLE).hexdigest() in text


def test_an_unchanged_hash_is_said_once_and_a_changed_one_twice() -> None:
    whole = sample.case_report(events=1, transfers=0, items=1)
    same = page_text(render(whole, sample.BUNDLE, created=sample.CREATED))
    assert "SHA-256 before and after:" in same
    event = replace(whole.events[0], before=(sample.digest("a"),), after=(sample.digest("b"),))
    changed = page_text(render(replace(whole, events=(event,)), sample.BUNDLE, created=sample.CREATED))
    assert "SHA-256 before:" in changed and "SHA-256 after:" in changed


def test_empty_sections_say_that_nothing_is_recorded() -> None:
    bare = replace(
        sample.case_report(), authorities=(), pseudonyms=(), items=(), transfers=(), events=(), gaps=(),
        withheld=(), signers=(), checks=(), continuity=c.NOT_RECORDED,
    )  # fmt: skip
    text = page_text(render(bare, sample.BUNDLE, created=sample.CREATED))
    assert text.count("None recorded.") == 8
    assert "Continuity was not computed for this report." in text and "No open question" not in text
    assert "have not been checked" in text


def test_a_failed_check_is_said_on_the_first_page() -> None:
    failed = replace(sample.case_report(), checks=(c.Check(c.Level.FAILURE, "Record 7 does not verify."),))
    pdf = render(failed, sample.BUNDLE, created=sample.CREATED)
    first = "".join(run.text for run in page_runs(pdf) if run.page == 1)
    assert "At least one check failed." in first and "FAILED" in first


def test_withheld_fields_say_so_and_absent_ones_are_listed() -> None:
    text = page_text(
        render(
            sample.item_report(
                file_name=c.WITHHELD, digests=(c.Digest("SHA-256", c.WITHHELD),), owner=c.NOT_RECORDED
            ),
            sample.BUNDLE,
            created=sample.CREATED,
        )
    )
    assert "File namewithheld" in text and "SHA-256 computed at intake:withheld" in text
    assert "Not recordedowner, write blocker" in text


def test_text_is_never_markup() -> None:
    whole = sample.case_report(items=1, events=1, transfers=0)
    plain = render(whole, sample.BUNDLE, created=sample.CREATED)
    events = tuple(
        replace(whole.events[0], detail=text, place=text, record=n) for n, text in enumerate(HOSTILE)
    )
    person = c.Person(*HOSTILE[:4])
    item = replace(whole.items[0], description=HOSTILE[0], acquired_by=person, file_name=HOSTILE[8])
    content = replace(
        whole, items=(item,), events=events, case_title=HOSTILE[6], agency=HOSTILE[0], handling=HOSTILE[3],
        case_number=HOSTILE[11], withheld=HOSTILE, limits=((HOSTILE[1], HOSTILE[2]),),
    )  # fmt: skip
    pdf = render(content, sample.BUNDLE, created=sample.CREATED)
    text = page_text(pdf)
    for hostile in HOSTILE:
        assert text.count(hostile) >= 2, hostile
    assert outline_titles(pdf) == outline_titles(plain)
    assert len(embedded_files(pdf)) == 1


def test_a_bundle_is_data_whatever_it_holds() -> None:
    bundle = '{"a":"#panic() \\" ü\\u0000 ] $"}\n'.encode()
    (found,) = embedded_files(render(sample.case_report(), bundle, created=sample.CREATED))
    assert found[1]["/EF"]["/F"].get_object().data == bundle


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_is_printed_and_can_be_extracted(script: str) -> None:
    word = SCRIPTS[script]
    pdf = render(sample.item_report(description=word), sample.BUNDLE, created=sample.CREATED)
    text = page_text(pdf)
    if script in ("Arabic", "Hebrew"):  # in the order of the page: from the right
        assert word[::-1] in text
    elif script in ("Devanagari", "Thai"):  # vowels may stand before their consonant
        assert set(word) <= set(text)
    else:
        assert word in text


@pytest.mark.parametrize("paper", list(Paper))
def test_nothing_leaves_the_margins_or_runs_over_its_neighbour(paper: Paper) -> None:
    runs = page_runs(render(hostile_report(), sample.BUNDLE, created=sample.CREATED, paper=paper))
    for run in runs:
        assert run.left >= MARGIN - 0.5 and run.right <= WIDTH[paper] - MARGIN + 0.5, run
    lines = sorted(
        (run for run in runs if run.text.strip()), key=lambda run: (run.page, run.baseline, run.left)
    )
    for one, next_one in itertools.pairwise(lines):
        if (one.page, one.baseline) == (next_one.page, next_one.baseline):
            assert one.right <= next_one.left + 0.6, (one, next_one)


def test_table_heads_repeat_on_every_page_of_a_long_list() -> None:
    runs = page_runs(render(sample.case_report(events=60), sample.BUNDLE, created=sample.CREATED))
    rows = {run.page for run in runs if run.text == "Stored copy checked against its hash"}
    heads = {run.page for run in runs if run.text == "What happened"}
    assert len(rows) > 4 and rows <= heads


def test_a_form_that_runs_over_a_page_names_its_exhibit_again() -> None:
    runs = page_runs(render(sample.case_report(items=60, events=0), sample.BUNDLE, created=sample.CREATED))
    hashes = [run.page for run in runs if run.text == "Hashes"]
    assert len(hashes) == 60
    heads = {run.page for run in runs if run.text == " · Case HP/2026/1187"}
    assert set(hashes) <= heads


def test_missing_fonts_are_said_in_words(tmp_path) -> None:
    with pytest.raises(FontError, match="npm ci"):
        render(sample.case_report(), sample.BUNDLE, created=sample.CREATED, fonts=find_fonts(tmp_path))


def test_font_folders_without_the_fonts_are_refused(tmp_path) -> None:
    fonts = find_fonts()
    with pytest.raises(FontError, match="Noto Sans"):
        _ = FontSet((tmp_path,), fonts.regular, fonts.bold).loaded


def test_a_bundle_that_is_not_text_is_refused() -> None:
    with pytest.raises(RenderError, match="UTF-8"):
        render(sample.case_report(), b"\xff\xfe", created=sample.CREATED)


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(RenderError, match="zone"):
        render(sample.case_report(), sample.BUNDLE, created=sample.CREATED.replace(tzinfo=None))


def test_a_report_that_no_reader_could_read_is_refused() -> None:
    whole = sample.case_report(items=1, events=1)
    with pytest.raises(RenderError, match="rows"):
        render(replace(whole, events=whole.events * 20_001), sample.BUNDLE, created=sample.CREATED)


@pytest.mark.parametrize("key", ["kéy", "key\nOutcome", "key\u202e"])
def test_an_identifier_that_is_not_plain_ascii_is_refused(key: str) -> None:
    whole = sample.case_report(events=1)
    with pytest.raises(c.ContentError):
        content = replace(whole, events=(replace(whole.events[0], key=key),))
        render(content, sample.BUNDLE, created=sample.CREATED)


def test_a_hundred_and_fifty_events_are_laid_out_within_a_second(capsys: pytest.CaptureFixture[str]) -> None:
    """The figure is printed; on a busy machine only a generous multiple of the limit fails."""
    content = sample.case_report(items=1, events=150, transfers=6)
    render(content, sample.BUNDLE, created=sample.CREATED)  # fonts are read once
    started, used = time.perf_counter(), time.process_time()
    pdf = render(replace(content, case_title="Another title"), sample.BUNDLE, created=sample.CREATED)
    took, used = time.perf_counter() - started, time.process_time() - used
    with capsys.disabled():
        print(f"\n150 events: {took:.2f} s, {used:.2f} s of processor; the limit is {LIMIT:.0f} s")
    assert sum(run.text == "Metadata read" for run in page_runs(pdf)) == 50
    assert used < 10 * LIMIT
