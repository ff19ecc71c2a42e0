"""The approval queue in a browser, by keyboard alone: one passphrase, no page loaded in between, next after next."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or "/usr/bin/chromium"
PASSPHRASE = "quiet harbour copper window"
# A key is opened by 600,000 rounds of hashing, which takes seconds on a busy machine.
PATIENCE = 60_000

pytestmark = pytest.mark.skipif(
    not Path(CHROMIUM).exists(), reason=f"not run: no Chromium at {CHROMIUM}; by hand: the queue by keyboard"
)


@pytest.fixture
def queue(transactional_db, cast):
    """Three transfers that wait, and a supervisor whose key the browser can open."""
    from custody.accounts.models import SigningKey
    from custody.proof import keyfile

    wrapped = dict(keyfile.wrap(cast.key("supervisor"), PASSPHRASE))
    SigningKey.objects.filter(pk=cast.key("supervisor").keyid).update(wrapped=wrapped)
    authority = cast.add_authority(cast.open_case())
    ids = []
    for number in (1, 2, 3):
        ids.append(
            cast.hand_over(cast.take_in(authority, f"{number}\n".encode(), exhibit_number=f"EX-{number}"))
        )
        cast.act("officer", "transfer.accept", transfer=ids[-1])
    return ids


def test_transfers_are_decided_one_after_the_other_without_the_mouse(queue, live_server):
    wrong: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_context(base_url=live_server.url).new_page()
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda told: wrong.append(told.text) if told.type == "error" else None)
        log_on(page)
        page.goto("/admin/custody/transfer/")
        loaded: list[str] = []
        page.on("load", lambda _: loaded.append(page.url))
        decide(page)
        browser.close()
    from custody.transfers import Transfer

    states = {str(row.pk): row.state for row in Transfer.objects.all()}
    assert [states[one] for one in queue] == ["approved", "approved", "rejected"]
    assert Transfer.objects.get(pk=queue[2]).end_reason == "Not before Monday"
    assert loaded == [], "a page that is loaded anew forgets the opened key"
    assert wrong == []


def log_on(page: Page) -> None:
    from tests.cast import PASSWORD

    page.goto("/admin/")
    page.get_by_label("I have read this notice and agree.").check()
    page.get_by_label("User name").fill("supervisor")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log on").click()
    expect(page.get_by_role("heading", name="Good day")).to_be_visible()


def decide(page: Page) -> None:
    title, dialog, said = (
        page.locator("#content h1"),
        page.locator("#sign-dialog"),
        page.locator(".messagelist"),
    )
    page.keyboard.press("Enter")
    expect(title).to_have_text("EX-1: Examiner Lindqvist → Officer Lindqvist")
    page.keyboard.press("n")
    expect(title).to_contain_text("EX-2:")
    page.keyboard.press("p")
    expect(title).to_contain_text("EX-1:")
    # A wrong passphrase is said, and nothing is signed.
    page.keyboard.press("a")
    page.keyboard.press(
        "n"
    )  # too early for the dialog, and must not lead away from what is about to be signed
    expect(dialog.locator("[name=passphrase]")).to_be_focused()
    page.keyboard.type("not my passphrase")
    page.keyboard.press("Enter")
    expect(dialog.locator("[data-error]")).to_have_text("The passphrase does not open this key.")
    expect(dialog.locator("[type=submit]")).to_be_enabled()
    page.keyboard.type(PASSPHRASE)
    page.keyboard.press("Enter")
    expect(said).to_contain_text("Approved EX-1, record")
    expect(title).to_contain_text("EX-2:")
    # From now on the key is open: two keys for each transfer.
    page.keyboard.press("a")
    expect(dialog).to_be_visible()
    expect(dialog.locator("[name=passphrase]")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(said).to_contain_text("Approved EX-2, record")
    page.keyboard.press("r")
    page.keyboard.type("Not before Monday")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    page.keyboard.press("Enter")
    expect(said).to_contain_text("Rejected EX-3, record")
    expect(page.get_by_text("Nothing waits for you.")).to_be_visible()
