"""The page itself, built and opened from file:// in Chromium, as a lawyer opens it."""

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from custody.proof.policy import format_policy
from tests.proof.world import T, World, story
from tests.proof_html.other import ROOT
from tools import build_html_verifier

VECTORS = ROOT / "tests" / "vectors" / "report"
REPORT, POLICY, ERASED = VECTORS / "report.pdf", VECTORS / "policy.txt", VECTORS / "erased.json"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_html_verifier.build(tmp_path_factory.mktemp("built") / "unbroken-verify.html")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("not run: there is no Chromium (make browser)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any, built: Path) -> Iterator[Page]:
    """An open page, offline; a script error, a policy violation or a request is a failed test."""
    context = browser.new_context(
        offline=True, locale="en-GB", timezone_id="America/Bogota", accept_downloads=True
    )
    tab: Page = context.new_page()
    trouble: list[str] = []
    tab.on("pageerror", lambda error: trouble.append(str(error)))
    tab.on("console", lambda message: trouble.append(message.text) if message.type == "error" else None)
    tab.on(
        "request",
        lambda asked: None if asked.url.startswith(("file:", "blob:")) else trouble.append(asked.url),
    )
    tab.goto(built.as_uri())
    tab.wait_for_selector("#files", state="attached")
    yield tab
    context.close()
    assert not trouble, trouble


def give(page: Page, *files: Path | dict[str, Any]) -> None:
    kinds = {".pdf": "application/pdf", ".json": "application/json", ".txt": "text/plain"}
    given = [
        {"name": one.name, "mimeType": kinds[one.suffix], "buffer": one.read_bytes()}
        if isinstance(one, Path)
        else one
        for one in files
    ]
    page.set_input_files("#files", given)  # type: ignore[arg-type]  # plain dictionaries are what it wants


def verdict(page: Page) -> str:
    page.wait_for_selector("#verdict", timeout=60_000)
    return page.inner_text("#verdict")


def test_the_page_is_one_small_file_that_may_do_nothing_but_compute(built: Path) -> None:
    text = built.read_text("utf-8")
    assert len(text.encode()) <= 60_000
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    assert policy[1].startswith(
        "default-src 'none'; base-uri 'none'; form-action 'none'; script-src 'sha256-"
    )
    assert "unsafe" not in policy[1]
    assert "http" not in re.sub(r"http-equiv|http://www.w3.org/2000/svg", "", text.split('id="packed"')[0])


def test_the_same_sources_give_the_same_bytes(built: Path, tmp_path: Path) -> None:
    again = build_html_verifier.build(tmp_path / "again.html")
    assert again.read_bytes() == built.read_bytes()


def test_an_honest_report_is_verified_and_its_story_told(page: Page) -> None:
    give(page, REPORT, POLICY)
    assert verdict(page) == "Verified"
    story_of = page.locator("section", has=page.get_by_role("heading", name="Chain of custody"))
    expect(story_of.locator("li").first).to_contain_text("Exhibit taken in")
    expect(story_of.locator("time").first).to_contain_text("UTC-05:00")
    expect(story_of).to_contain_text("Transfer approved, custody moved")
    expect(story_of).to_contain_text("ab" * 32)
    expect(story_of.locator(".withheld").first).to_be_visible()
    assert page.locator("details.step").count() == 13


def test_without_a_policy_there_are_remarks_and_with_a_pasted_one_there_are_none(page: Page) -> None:
    give(page, REPORT)
    assert verdict(page) == "Verified with remarks"
    page.get_by_label("Text of the policy").fill(POLICY.read_text("utf-8"))
    page.get_by_role("button", name="Use this policy").click()
    expect(page.locator("#verdict")).to_have_text("Verified")


def test_the_language_can_be_changed_and_the_verdict_stays(page: Page) -> None:
    give(page, ERASED, POLICY)
    assert verdict(page) == "Verified with remarks"
    page.get_by_role("button", name="Español").click()
    assert verdict(page) == "Verificado con observaciones"
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(page.get_by_role("heading", name="Cadena de custodia")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("undefined")


def test_a_changed_byte_is_not_verified_and_the_step_is_named(page: Page) -> None:
    data = bytearray(REPORT.read_bytes())
    data[1000] ^= 1
    give(page, {"name": "report.pdf", "mimeType": "application/pdf", "buffer": bytes(data)}, POLICY)
    assert verdict(page) == "Not verified"
    expect(page.locator("section.verdict")).to_contain_text("step 0 (Input)")
    expect(page.locator("section.verdict")).to_contain_text("other bytes")


def test_two_reports_of_a_forked_log_show_the_proof(page: Page) -> None:
    told = story()
    other = told.world.fork(told.accept)
    other.record(T.TRANSFER_REFUSE, other.otto, told.item, refs=[told.offer])
    other.publish()
    give(
        page,
        {"name": "one.json", "mimeType": "application/json", "buffer": told.world.bundle(told.item)},
        {"name": "two.json", "mimeType": "application/json", "buffer": other.bundle(told.item)},
        {"name": "policy.txt", "mimeType": "text/plain", "buffer": format_policy(told.world.policy).encode()},
    )
    assert verdict(page) == "Not verified"
    assert [page.locator("pre").nth(place).inner_text().strip() for place in (0, 1)] == [
        told.world.note.strip(),
        other.note.strip(),
    ]


def test_evidence_files_are_hashed_and_found_or_not(page: Page) -> None:
    evidence = b"a picture of a door" * 100_000
    world = World()
    item = world.intake(sha256=hashlib.sha256(evidence).hexdigest())
    world.publish()
    bundle = {"name": "custody-proof.json", "mimeType": "application/json", "buffer": world.bundle(item)}
    policy = {"name": "policy.txt", "mimeType": "text/plain", "buffer": format_policy(world.policy).encode()}
    give(page, bundle, policy, {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": evidence})
    assert verdict(page) == "Verified"
    expect(page.locator("table")).to_contain_text("The file IMG_0001.jpg is unchanged")
    give(page, {"name": "IMG_0002.jpg", "mimeType": "image/jpeg", "buffer": evidence + b"!"})
    expect(page.locator("#verdict")).to_have_text("Not verified")
    expect(page.locator("table")).to_contain_text("IMG_0002.jpg is not one that the bundle names")


def test_what_a_hostile_statement_writes_stays_text(page: Page) -> None:
    world = World()
    item = world.intake(exhibit="<img src=x onerror=alert(1)>", note="\u202egnp.exe\x07")
    world.publish()
    give(page, {"name": "<b>x</b>.json", "mimeType": "application/json", "buffer": world.bundle(item)})
    assert verdict(page) == "Verified with remarks"
    assert page.locator("main img, main b").count() == 0
    expect(page.locator("main")).to_contain_text("\\u{202e}gnp.exe\\u{7}")


def test_the_page_works_by_keyboard_alone(page: Page) -> None:
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "files"
    give(page, REPORT)
    verdict(page)
    assert page.evaluate("document.activeElement.id") == "verdict"


def test_parts_and_the_verdict_can_be_saved(page: Page, tmp_path: Path) -> None:
    give(page, REPORT, POLICY)
    verdict(page)
    saved = {}
    for name in ("Save revision 0", "Save the proof bundle", "Save the verdict (JSON)"):
        with page.expect_download() as started:
            page.get_by_role("button", name=name).click()
        target = tmp_path / started.value.suggested_filename
        started.value.save_as(target)
        saved[name] = target.read_bytes()
    assert REPORT.read_bytes().startswith(saved["Save revision 0"])
    assert saved["Save revision 0"].rstrip().endswith(b"%%EOF")
    assert saved["Save the proof bundle"] == (VECTORS / "custody-proof.json").read_bytes()
    assert json.loads(saved["Save the verdict (JSON)"])["verdict"] == "verified"


def test_a_thousand_events_take_two_seconds(page: Page) -> None:
    told = story()
    world = told.world
    for number in range(1_000):
        world.record(T.FIXITY_CHECK, world.service, told.item, claims={"result": "match"}, time=world.now)
        if number % 100 == 99:
            world.publish()
    data = world.bundle(told.item)
    begin = page.evaluate("performance.now()")
    give(page, {"name": "long.json", "mimeType": "application/json", "buffer": data})
    assert verdict(page) == "Verified with remarks"
    took = timedelta(milliseconds=page.evaluate("performance.now()") - begin)
    print(f"{len(data)} bytes, {took.total_seconds():.2f} s")
    # Twice as long on a machine that is busy with other tests.
    assert took < timedelta(seconds=4)
