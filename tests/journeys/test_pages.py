"""A whole case by hand in the browser: key, enrolment, case, intake, redaction, transfer, approval, report.

Every person works at a browser of their own. Nothing is called but what the pages call.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from custody.client.cast import read_accounts
from custody.embedded.plan import PROJECT
from tests.journeys.hands import PATIENCE, Hands
from tests.journeys.system import System

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or "/usr/bin/chromium"
STEPS = "key, enrolment, case, intake, victim, redaction, release, transfer, approval, report"

pytestmark = pytest.mark.skipif(
    not Path(CHROMIUM).exists(),
    reason=f"not run: no Chromium at {CHROMIUM}; by hand in the browser remain: {STEPS}",
)

NEW_PASSPHRASE = "quiet harbour copper window"
VICTIM = "Ioana Petrescu-Vlad"
LETTER = f"Room 12, floor 2.\nAsk for {VICTIM} at the desk.\nThe bus leaves at nine.\n".encode()
FILES = {"letter.txt": LETTER, "list.csv": b"room,rate\n12,40\n", "photo.gif": b"GIF89a\1\0\1\0\0\0\0;"}
NUMBER = f"JRN-{datetime.now(UTC):%H%M%S}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # As root (in a container) Chromium's own sandbox cannot be set up; what it opens here is our own pages.
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@dataclass
class Staff:
    """Who takes part, each at a browser of their own."""

    admin: Hands
    supervisor: Hands
    examiner: Hands
    examiner2: Hands
    officer: Hands
    prosecutor: Hands

    def everybody(self) -> list[Hands]:
        return list(vars(self).values())


@pytest.fixture(scope="module")
def staff(system: System, browser: Browser) -> Staff:
    accounts = read_accounts(system.data.root / "demo-accounts.json")
    return Staff(**{name: Hands.of(browser, system.page, accounts[name]) for name in Staff.__annotations__})


def test_a_case_is_worked_by_hand_from_the_key_to_the_verified_report(
    system: System, staff: Staff, tmp_path: Path
) -> None:
    for person in staff.everybody():
        if person is not staff.admin:
            person.log_on()
    staff.admin.log_on_to_the_administration()
    make_and_enrol_a_key(staff.examiner, staff.admin)
    open_the_case(staff)
    take_in(staff.examiner)
    register_the_victim(staff.examiner)
    redact(staff.examiner, staff.examiner2)
    hand_over(staff.examiner, staff.officer, staff.supervisor)
    issue_and_verify(staff.prosecutor, system, tmp_path)
    assert [line for person in staff.everybody() for line in person.wrong] == []


def make_and_enrol_a_key(examiner: Hands, admin: Hands) -> None:
    """The examiner makes a key in the browser, the administrator enrols it; both sign the same record."""
    page = examiner.page
    page.goto("/keys/")
    examiner.picture("keys")
    examiner.fill(label="Browser key", passphrase=NEW_PASSPHRASE, again=NEW_PASSPHRASE)
    page.get_by_label("I know that nobody can recover this passphrase.").check()
    with page.expect_download() as backup:
        examiner.press("Make the key")
    assert backup.value.suggested_filename.endswith(".key.json")
    waiting = page.locator("article.key", has_text="Browser key")
    expect(waiting).to_contain_text("Ask an administrator to enrol it")

    admin.page.goto("/admin/custody/signingkey/")
    admin.picture("admin-keys")
    admin.page.get_by_role("row").filter(has_text="Browser key").get_by_role("link").first.click()
    admin.press("Prepare the enrolment")
    admin.sees("Waiting for the holder's proof")
    admin.picture("admin-enrolment")

    examiner.passphrase = NEW_PASSPHRASE
    page.get_by_role("button", name="Read and prove").click()  # the page finds it by itself
    examiner.sign("possession")
    expect(page.get_by_role("button", name="Read and prove")).to_be_hidden()
    admin.press("Sign the enrolment")  # so does this one
    admin.sign("enrolment")
    expect(admin.page.get_by_role("heading", name="The key registered")).to_be_visible()
    page.goto("/keys/")
    expect(waiting).to_contain_text("Enrolled by record")
    examiner.picture("keys-enrolled")


def open_the_case(staff: Staff) -> None:
    """The supervisor opens the case in the administration, assigns everybody and enters the order."""
    supervisor = staff.supervisor
    page = supervisor.page
    page.goto("/admin/evidence/case/")
    supervisor.picture("admin-cases")
    supervisor.follow("Open a case")
    supervisor.fill(number=NUMBER, title="Hotel by the harbour", offence="Labour exploitation")
    supervisor.picture("admin-case-open")
    supervisor.press("Open and sign")
    supervisor.sign("case")
    heading = page.get_by_role("heading", name=re.compile(NUMBER))
    expect(heading).to_be_visible()
    for person in (staff.examiner, staff.examiner2, staff.officer, staff.prosecutor):
        supervisor.choose("person", person.account.name)
        supervisor.press("Assign and sign")
        supervisor.sign("assignment")
        expect(page.get_by_role("cell", name=person.account.name, exact=True)).to_be_visible()
    now = datetime.now(UTC)
    page.locator("#kind").select_option("search_warrant")
    supervisor.fill(
        reference="W-1204",
        issuer="District Court",
        scope="Devices and papers found in rooms 1 to 20",
        valid_from=f"{now - timedelta(days=20):%Y-%m-%dT%H:%M}",
        valid_until=f"{now + timedelta(days=200):%Y-%m-%dT%H:%M}",
    )
    for box in page.locator("[name=categories]").all():
        box.check()
    supervisor.press("Enter and sign")
    supervisor.sign("authority")
    supervisor.sees("valid now")
    supervisor.picture("admin-case")


def take_in(examiner: Hands) -> None:
    """The examiner fills the form, gives three files, compares and signs."""
    page = examiner.page
    open_case_page(examiner)
    examiner.picture("case-empty")
    examiner.follow("Take in files")
    examiner.choose("authority", "W-1204")
    page.locator("#category").select_option("documents")
    page.locator("#item_class").select_option("identifies_victim")
    examiner.fill(
        description="Papers and picture from the front desk",
        acquired_at=f"{datetime.now(UTC) - timedelta(days=2):%Y-%m-%dT%H:%M}",
        acquired_where="Front desk",
        method="Logical copy",
        write_blocker="none: files handed over",
        tool="cp",
        tool_version="9.1",
        seal_number="S-77",
        seal_condition="intact",
    )
    (chosen, data), *dropped = FILES.items()
    page.locator("[data-files]").set_input_files({"name": chosen, "mimeType": "", "buffer": data})
    _drop(examiner, dict(dropped))
    expect(page.locator("[data-rows] > li")).to_have_count(3)
    examiner.picture("intake")
    examiner.press("Check the form and send")
    button = page.get_by_role("button", name="Sign intake of 3 exhibits")
    expect(button).to_be_visible(timeout=2 * PATIENCE)
    expect(page.get_by_text("same as computed in this browser")).to_have_count(3)
    examiner.picture("intake-arrived")
    button.click()
    examiner.sign("intake")
    expect(page.get_by_text("3 of 3 signed.")).to_be_visible(timeout=2 * PATIENCE)
    examiner.picture("intake-signed")


def _drop(examiner: Hands, files: dict[str, bytes]) -> None:
    """Drop files onto the page as a file manager does."""
    script = """(files) => {
        const transfer = new DataTransfer();
        for (const [name, bytes] of files) transfer.items.add(new File([new Uint8Array(bytes)], name));
        return transfer;
    }"""
    transfer = examiner.page.evaluate_handle(script, [[name, list(data)] for name, data in files.items()])
    examiner.page.dispatch_event("[data-drop]", "drop", {"dataTransfer": transfer})


def register_the_victim(examiner: Hands) -> None:
    """What is typed here is never shown again."""
    page = examiner.page
    open_case_page(examiner)
    examiner.picture("case")
    examiner.follow("Protected people")
    page.locator("[name=kind]").first.select_option("name")
    page.locator("[name=value]").first.fill(VICTIM)
    examiner.picture("victim")
    examiner.press("Seal these identifiers")
    expect(page.get_by_role("rowheader", name=re.compile(r"Victim \d+"))).to_be_visible()
    assert VICTIM.split()[0] not in page.content()
    examiner.picture("victims")


def redact(examiner: Hands, second: Hands) -> None:
    """The examiner asks for a copy and cannot release it; another examiner looks and does."""
    open_exhibit(examiner)
    examiner.picture("exhibit")
    examiner.press("Ask for a redacted copy")
    examiner.sign("redaction")
    examiner.sees("You asked for this copy, so you cannot release it.")
    examiner.picture("copy-of-the-planner")

    second.page.goto(examiner.page.url)
    second.sees("Passed: a second, independent search found no registered identifier in the copy.")
    with second.page.expect_download() as preview:
        second.press("Download the preview")
    copy = Path(preview.value.path()).read_bytes()
    assert VICTIM.encode() not in copy
    assert re.search(rb"Ask for \[?Victim \d+\]? at the desk", copy), copy
    second.page.get_by_label(re.compile("^Release:")).check()
    second.picture("copy-to-decide")
    second.press("Read and sign the decision")
    second.sign("release")
    expect(second.page.locator(".chip-released")).to_be_visible()
    second.picture("copy-released")


def hand_over(examiner: Hands, officer: Hands, supervisor: Hands) -> None:
    """Offer, acceptance after the re-reading, approval by a third person."""
    open_exhibit(examiner)
    examiner.choose("taker", officer.account.name)
    examiner.fill(
        purpose="Storage until the hearing", place="Evidence store, room 2", seal_condition="intact"
    )
    examiner.press("Read and sign the offer")
    examiner.sign("offer")
    expect(examiner.page.get_by_role("heading", name=re.compile("^Transfer of"))).to_be_visible()
    exhibit = examiner.page.get_by_role("heading", level=1).inner_text().removeprefix("Transfer of").strip()

    officer.page.goto("/transfers/")
    officer.picture("transfers")
    officer.page.goto(examiner.page.url)
    accept = officer.page.get_by_role("button", name="Accept and sign")
    expect(accept).to_be_enabled(timeout=2 * PATIENCE)  # the page looks by itself until the bytes were read
    officer.fill(**{"accept-seal": "intact"})
    officer.picture("transfer-to-accept")
    accept.click()
    officer.sign("acceptance")
    expect(officer.page.locator(".chip-accepted").first).to_be_visible()

    supervisor.page.goto("/admin/custody/transfer/")
    supervisor.picture("admin-queue")
    supervisor.follow("Look at the first")
    expect(supervisor.page.get_by_role("heading", level=1)).to_contain_text(f"{exhibit}: ")
    supervisor.picture("admin-transfer")
    supervisor.press("Approve and sign")
    supervisor.sign("approval")
    supervisor.sees(f"Approved {exhibit}")
    officer.page.reload()
    expect(officer.page.locator(".chip-approved").first).to_be_visible()
    officer.picture("transfer-approved")


def issue_and_verify(prosecutor: Hands, system: System, folder: Path) -> None:
    """The prosecutor asks for the report, fetches it, and verifies it with what is not ours to change."""
    open_case_page(prosecutor)
    prosecutor.picture("case")
    prosecutor.press("Make a custody report")
    button = prosecutor.page.get_by_role("button", name="Download the report")
    expect(button.first).to_be_visible(timeout=3 * PATIENCE)
    prosecutor.picture("report")
    with prosecutor.page.expect_download() as fetched:
        button.first.click()
    report = folder / "report.pdf"
    fetched.value.save_as(report)
    assert VICTIM.encode() not in report.read_bytes()
    command = [sys.executable, "-m", "custody.proof", str(report), "--policy", str(system.policy)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def open_case_page(person: Hands) -> None:
    person.page.goto("/cases/")
    person.follow(re.compile(NUMBER))
    expect(person.page.get_by_role("heading", level=1, name=re.compile(NUMBER))).to_be_visible()


def open_exhibit(person: Hands) -> None:
    """The first exhibit of the case: the letter."""
    open_case_page(person)
    person.page.locator("#exhibits tr", has_text="letter.txt").get_by_role("link").first.click()
    expect(person.page.get_by_role("heading", name="Custody now")).to_be_visible()
