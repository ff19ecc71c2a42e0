"""Two administrators in two browsers: one demands that two enrol, both sign an enrolment, a holder confirms it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or "/usr/bin/chromium"
PASSPHRASE = "quiet harbour copper window"
PATIENCE = 60_000

pytestmark = pytest.mark.skipif(
    not Path(CHROMIUM).exists(), reason=f"not run: no Chromium at {CHROMIUM}; by hand: signing together"
)


@pytest.fixture
def people(transactional_db, cast):
    """Two administrators and an officer whose keys browsers can open, and a second key that the officer made."""
    from custody.accounts.models import SigningKey as KeyRow
    from custody.accounts.roles import Role
    from custody.acts import keys as key_acts
    from custody.proof import keyfile
    from custody.proof.digests import b64
    from custody.proof.signatures import SigningKey
    from tests.cast import add_person

    add_person(cast, "admin2", Role.ADMINISTRATOR)
    for name in ("admin", "admin2", "officer"):
        wrapped = dict(keyfile.wrap(cast.key(name), PASSPHRASE))
        KeyRow.objects.filter(pk=cast.key(name).keyid).update(wrapped=wrapped)
    key = SigningKey.generate()
    params = {"keyid": key.keyid, "spki": b64(key.spki), "label": "tablet"}
    key_acts.request(cast.officer, params | {"wrapped": dict(keyfile.wrap(key, PASSPHRASE))}, timezone.now())
    return key


def test_two_administrators_enrol_a_key_that_its_holder_confirms(people, cast, live_server):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        wrong: list[str] = []
        first, second, holder = (
            on(browser, live_server.url, name, wrong) for name in ("admin", "admin2", "officer")
        )
        demand_two(first)
        prepare(first, people.keyid)
        prove_and_confirm(holder)
        countersign(second)
        finish(first)
        first.goto(f"/admin/custody/signingkey/{people.keyid}/")
        expect(first.get_by_role("heading", name="The key registered")).to_be_visible()
        browser.close()
    from custody.ledger import history

    [told] = history.of_key("keyctl", people.keyid)
    ids = [cast.key(name).keyid for name in ("admin", "officer", "admin2")]
    assert told.signers == (*ids, people.keyid)
    assert wrong == []


def on(browser: Browser, address: str, name: str, wrong: list[str]) -> Page:
    from tests.cast import PASSWORD

    page = browser.new_context(base_url=address, viewport={"width": 1180, "height": 900}).new_page()
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda told: wrong.append(told.text) if told.type == "error" else None)
    page.goto("/login/" if name == "officer" else "/admin/")
    page.get_by_label("I have read this notice and agree.").check()
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log on").click()
    page.wait_for_url(lambda url: "login" not in url)
    return page


def sign(page: Page) -> None:
    """Answer the dialog, in which everything that is signed stands."""
    dialog = page.locator("#sign-dialog")
    expect(dialog).to_be_visible()
    dialog.locator("[name=passphrase]").fill(PASSPHRASE)
    dialog.locator("[type=submit]").click()
    expect(dialog).to_be_hidden()


def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("UNBROKEN_SCREENSHOTS"):
        page.screenshot(path=Path(folder, f"{name}.png"), full_page=True)


def demand_two(page: Page) -> None:
    page.goto("/admin/together/")
    expect(page.get_by_text("Nothing waits for a second administrator.")).to_be_visible()
    page.get_by_text("Demand 2 administrators together").click()
    page.get_by_label("Reason").fill("Nobody plants a key alone")
    picture(page, "together-demand")
    page.get_by_role("button", name="State it and sign").click()
    sign(page)
    expect(page.locator(".messagelist")).to_contain_text("Signed and recorded as record")
    expect(page.get_by_text("If one of them loses their key")).to_be_visible()


def prepare(page: Page, keyid: str) -> None:
    page.goto(f"/admin/custody/signingkey/{keyid}/")
    page.get_by_role("button", name="Prepare the enrolment").click()
    expect(page.get_by_text("Other administrators sign too: 2 together.")).to_be_visible()
    picture(page, "together-key")


def prove_and_confirm(page: Page) -> None:
    page.goto("/keys/")
    page.get_by_role("button", name="Read and prove").click()
    sign(page)
    expect(page.get_by_role("heading", name="Confirm your new key with the present one")).to_be_visible()
    picture(page, "together-confirm")
    page.get_by_role("button", name="Read and confirm").click()
    sign(page)
    expect(page.get_by_role("heading", name="Confirm your new key with the present one")).to_be_hidden()


def countersign(page: Page) -> None:
    page.goto("/admin/together/")
    expect(page.get_by_text("1 more administrator", exact=True)).to_be_visible()
    picture(page, "together-second")
    page.get_by_role("button", name="Read and sign too").click()
    sign(page)
    expect(page.get_by_text("You have signed.")).to_be_visible()


def finish(page: Page) -> None:
    page.goto("/admin/together/")
    expect(page.get_by_text("complete", exact=True)).to_be_visible()
    picture(page, "together-complete")
    page.get_by_role("button", name="Sign and record").click()
    sign(page)
    expect(page.get_by_text("Nothing waits for a second administrator.")).to_be_visible()
