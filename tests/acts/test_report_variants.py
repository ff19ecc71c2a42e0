"""Sealed and public copies: what each may tell, and that no copy names a protected person."""

import io
import json
import subprocess
import sys

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from pyhanko.pdf_utils.reader import PdfFileReader

from custody.accounts.roles import Role
from custody.acts import report as acts
from custody.acts.clearance import Search
from custody.errors import InvalidError, NotAllowedError, NotFoundError
from custody.jobs import JobKind
from custody.ledger import genesis, history
from custody.proof import bundle
from custody.proof.pdf import embedded_bundle
from custody.proof.policy import parse_policy
from custody.proof.verify import Question, verify_report
from custody.reports import agency_seal
from custody.reports.models import Report
from evidence import store
from evidence.redaction.registry import Kind, Protected
from tests.cast import ROLES
from tests.reports.page_text import page_runs, page_text

FREE_TEXT = "Nightfall handover at the quay"


@pytest.fixture(autouse=True)
def seal():
    if not agency_seal.exists():
        agency_seal.make_test(timezone.now())


@pytest.fixture
def item(cast):
    authority = cast.add_authority(cast.open_case())
    item = cast.take_in(authority, exhibit_number="EX-12", description=FREE_TEXT, filename="diary-of-k.txt")
    transfer = cast.hand_over(item)
    cast.act("officer", "transfer.accept", transfer=transfer)
    cast.act("supervisor", "transfer.approve", transfer=transfer)
    return item


def issue(cast, **what) -> Report:
    report = acts.request(cast.prosecutor, what, cast.now())
    cast.work(JobKind.REPORT)
    return Report.objects.get(pk=report.pk)


def pdf_of(report: Report) -> bytes:
    assert report.state == "ready", report.problem
    return b"".join(store.read(report.stored))


def pages(pdf: bytes) -> list[str]:
    found: dict[int, str] = {}
    for run in page_runs(pdf):
        found[run.page] = found.get(run.page, "") + run.text
    return [found[number] for number in sorted(found)]


def all_text(pdf: bytes) -> str:
    """Everything a reader of the file can find: pages, alternative texts, document information, the bundle."""
    reader = PdfFileReader(io.BytesIO(pdf))
    return "\n".join(
        [
            page_text(pdf),
            *alternatives(reader),
            str(reader.trailer_view["/Info"]),
            embedded_bundle(pdf).decode(),
        ]
    )


def alternatives(reader: PdfFileReader) -> list[str]:
    """Alternative texts of figures, from the structure tree."""
    found, todo = [], [reader.root["/StructTreeRoot"]]
    while todo:
        node = todo.pop().get_object()
        if isinstance(node, dict):
            found += [str(node["/Alt"])] if "/Alt" in node else []
            kids = node.get("/K", [])
            todo += kids if isinstance(kids, list) else [kids]
    return found


def verdict(pdf: bytes) -> str:
    return verify_report(pdf, Question(policy=parse_policy(genesis.policy_text(agency_seal.pins())))).outcome


@pytest.mark.parametrize("scope", ["case", "item"])
def test_a_public_copy_verifies_and_tells_no_name_no_free_text_no_file_name_and_no_hash(cast, item, scope):
    what = {"case": str(item.case_id)} if scope == "case" else {"item": str(item.pk)}
    pdf = pdf_of(issue(cast, variant="public", **what))
    assert verdict(pdf) == "verified"
    text = all_text(pdf)
    told = [person.name for person in cast.people.values()] + [
        person.badge for person in cast.people.values()
    ]
    told += [FREE_TEXT, "diary-of-k.txt", item.sha256, item.blake3, "Harbour Street 4", "Tomás Rey", "S-100"]
    told += ["Night bus", "Trafficking in persons", "District Court", "W-881", "Store A", "Nokia"]
    assert [word for word in told if word in text] == []
    assert "EX-12" in text and ("2026-0417" in text) == (scope == "case")
    assert "Official " in text and "Forensic examiner" in text


def test_a_sealed_copy_is_the_default_and_tells_what_the_court_needs(cast, item):
    report = issue(cast, case=str(item.case_id))
    text = all_text(pdf_of(report))
    assert report.variant == "sealed"
    for word in (FREE_TEXT, "diary-of-k.txt", item.sha256, "Examiner Lindqvist", "District Court"):
        assert word in text
    assert "Custody from" in page_text(pdf_of(report))


@pytest.mark.parametrize(("variant", "mark"), [("sealed", "SEALED COPY"), ("public", "PUBLIC COPY")])
def test_every_page_says_which_copy_it_is(cast, item, variant, mark):
    for page in pages(pdf_of(issue(cast, case=str(item.case_id), variant=variant))):
        assert mark in page


def test_the_record_of_the_issue_says_which_copy_it_was(cast, item):
    for variant in ("sealed", "public"):
        report = issue(cast, case=str(item.case_id), variant=variant)
        claims = history.openings([report.issued_entry])[report.issued_entry]
        assert claims["variant"].value == variant
        assert claims["revision0_sha256"].value == report.revision0_sha256


def test_both_copies_hold_the_same_signed_records(cast, item):
    found = {}
    for variant in ("public", "sealed"):
        parts = bundle.parse(embedded_bundle(pdf_of(issue(cast, item=str(item.pk), variant=variant))))
        found[variant] = {part.index: part.entry for part in parts.entries}
        item.refresh_from_db()
    shared = found["public"].keys() & found["sealed"].keys()
    about_item = {told.index for told in history.of_key("item", str(item.pk))}
    assert about_item <= shared
    assert all(found["public"][index] == found["sealed"][index] for index in shared)


def test_a_third_copy_does_not_exist(cast, item):
    with pytest.raises(InvalidError):
        acts.request(cast.prosecutor, {"case": str(item.case_id), "variant": "open"}, cast.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Report.objects.create(
            case=item.case, requested_by=cast.prosecutor, requested_at=cast.now(), variant="open"
        )


@pytest.mark.parametrize("name", ROLES)
def test_a_public_copy_is_for_the_same_people_as_a_sealed_one(cast, item, name):
    person, what = cast.people[name], {"case": str(item.case_id), "variant": "public"}
    if person.role in (Role.PROSECUTOR, Role.SUPERVISOR, Role.EXAMINER) and name not in (
        "stranger",
        "supervisor2",
    ):
        assert acts.request(person, what, cast.now()).variant == "public"
    else:
        with pytest.raises((NotAllowedError, NotFoundError)):
            acts.request(person, what, cast.now())


@pytest.mark.parametrize("variant", ["sealed", "public"])
def test_a_name_registered_later_is_in_neither_copy(cast, item, variant):
    """The exhibit number names her, and so does the description: both stay closed, and the report says where."""
    authority = item.authority
    cast.take_in(authority, exhibit_number="Zoya-7", description="Diary of Zoya Marchenko", filename="z.txt")
    cast.register_victim(item.case, ("name", "Zoya Marchenko"))
    report = issue(cast, case=str(item.case_id), variant=variant)
    text = all_text(pdf_of(report)).lower()
    assert "zoya" not in text and "marchenko" not in text
    assert any("exhibit: names a protected person." in sentence for sentence in report.withheld)
    if variant == "sealed":
        assert any("sheet (at description): names" in sentence for sentence in report.withheld)


def test_an_ordinary_word_that_is_part_of_a_name_closes_its_statement_and_stops_no_report(cast, item):
    cast.take_in(
        item.authority, exhibit_number="EX-13", description="Taken in May, with a rose", filename="a.txt"
    )
    cast.register_victim(item.case, ("name", "May Rose"))
    report = issue(cast, case=str(item.case_id))
    assert report.state == "ready"
    assert [s for s in report.withheld if "sheet (at description)" in s]


def test_a_refusal_says_which_field_and_what_to_do_and_not_the_word(cast, item, settings):
    settings.AGENCY = "Rosewood County Police"
    cast.register_victim(item.case, ("name", "Ana Rosewood"))
    report = issue(cast, case=str(item.case_id))
    assert report.state == "failed"
    assert "Found in: agency" in report.problem and "registered in its full form" in report.problem
    assert "osewood" not in report.problem and "Ana" not in report.problem


def test_officials_who_share_a_name_with_a_victim_are_still_named_in_a_sealed_copy(cast, item):
    cast.register_victim(item.case, ("name", "Examiner Lindqvist"))
    assert "Examiner Lindqvist" in page_text(pdf_of(issue(cast, case=str(item.case_id))))


def test_texts_that_name_somebody_only_together_stay_closed_together():
    search = Search([Protected("Victim 1", Kind.PHONE, "+380 67 555 0134")])
    texts = {"a": "quay", "b": "0675", "c": "550134", "d": "boat"}
    assert not any(search.names(text) for text in texts.values())
    assert search.closed(texts) == {"b", "c"}


def test_the_same_records_give_the_same_first_revision_in_another_process(cast, item, tmp_path):
    """The content of a real report, written down and laid out again elsewhere, gives the same bytes."""
    import pickle

    from custody.acts import make_report

    kept = []
    usual = make_report.render

    def keeping(content, data, *, created):
        made = usual(content, data, created=created)
        kept.append((content, data, created, made))
        return made

    make_report.render = keeping
    try:
        report = issue(cast, case=str(item.case_id))
    finally:
        make_report.render = usual
    ((content, data, created, made),) = kept
    file = tmp_path / "content"
    file.write_bytes(pickle.dumps((content, data, created)))
    code = (
        "import hashlib, pickle, sys, pathlib; from custody.reports.render import render;"
        "content, data, created = pickle.loads(pathlib.Path(sys.argv[1]).read_bytes());"
        "print(hashlib.sha256(render(content, data, created=created)).hexdigest())"
    )
    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == report.revision0_sha256
    assert pdf_of(report).startswith(made)


def test_the_shapes_of_the_api_name_the_copy(cast, item):
    from custody.api.shapes import ReportShape

    report = acts.request(cast.prosecutor, {"item": str(item.pk), "variant": "public"}, cast.now())
    assert json.loads(json.dumps(ReportShape(report).data, default=str))["variant"] == "public"
