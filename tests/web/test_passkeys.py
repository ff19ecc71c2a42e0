"""Passkeys in a browser: added, enrolled, used for an offer and for its approval; what they signed verifies offline.

The authenticators are Chromium's own virtual ones, which answer as a security key and a phone do.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or "/usr/bin/chromium"
PICTURES = os.environ.get("UNBROKEN_SCREENSHOTS", "")
PASSPHRASE = "quiet harbour copper window"
# A key is opened by 600,000 rounds of hashing, which takes seconds on a busy machine.
PATIENCE = 60_000

pytestmark = pytest.mark.skipif(
    not Path(CHROMIUM).exists(), reason=f"not run: no Chromium at {CHROMIUM}; by hand: passkeys in the pages"
)


@dataclass
class Somebody:
    """One person at one browser, with or without an authenticator."""

    name: str
    page: Page
    devices: CDPSession
    wrong: list[str] = field(default_factory=list)
    device: str = ""  # the id of the authenticator

    @classmethod
    def of(cls, browser: Browser, address: str, name: str) -> Somebody:
        context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900})
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        made = cls(name, page, context.new_cdp_session(page))
        page.on("pageerror", lambda error: made.wrong.append(str(error)))
        page.on("console", made._hear)
        made.devices.send("WebAuthn.enable")
        return made

    def _hear(self, told: Any) -> None:
        if told.type == "error" and "Failed to load resource" not in told.text:
            self.wrong.append(told.text)

    def plug_in(self, *, transport: str, synced: bool = False) -> str:
        """Give the browser an authenticator; return its id."""
        options = {
            "protocol": "ctap2",
            "transport": transport,
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
            "defaultBackupEligibility": synced,
            "defaultBackupState": synced,
        }
        made = self.devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return str(made["authenticatorId"])

    def log_on(self) -> None:
        self.page.goto("/login/")
        self.log_on_here()

    def log_on_here(self) -> None:
        from tests.cast import PASSWORD

        self.page.get_by_label("I have read this notice and agree.").check()
        self.page.get_by_label("User name").fill(self.name)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Log on").click()
        expect(self.page.locator(".who-name, #user-tools").first).to_be_visible()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).first.click()

    def sign(self, name: str, passphrase: str = "") -> None:
        dialog = self.page.locator("#sign-dialog")
        expect(dialog).to_be_visible()
        expect(dialog.locator("[data-summary] dt").first).to_be_visible()
        self.picture(f"sign-{name}")
        expect(dialog.locator("[data-passkey]")).to_be_visible(visible=not passphrase)
        if passphrase and dialog.locator("[name=passphrase]").is_visible():
            dialog.locator("[name=passphrase]").fill(passphrase)
        dialog.get_by_role("button", name="Sign", exact=True).click()
        expect(dialog).to_be_hidden()

    def picture(self, name: str) -> None:
        """Keep a picture of the whole page, if a folder for pictures was named."""
        if PICTURES:
            Path(PICTURES).mkdir(parents=True, exist_ok=True)
            number = len(list(Path(PICTURES).iterdir()))
            self.page.screenshot(path=Path(PICTURES) / f"{number:02}-{self.name}-{name}.png", full_page=True)


@dataclass
class Office:
    admin: Somebody
    examiner: Somebody
    supervisor: Somebody

    def wrong(self) -> list[str]:
        return [line for person in (self.admin, self.examiner, self.supervisor) for line in person.wrong]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from django.db import connections

    # The browser's event loop runs in this thread, where Django would refuse to ask the database, and where it has
    # connections of its own: those outside must not outlive the databases that these tests replace.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    connections.close_all()
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    connections.close_all()


@pytest.fixture
def office(transactional_db: None, cast: Any, live_server: Any, browser: Browser, settings: Any) -> Office:
    """Three people at their browsers; the administrator's key is under a passphrase."""
    from custody.accounts.models import SigningKey
    from custody.proof import keyfile

    settings.PUBLIC_URL = live_server.url
    assert live_server.url.startswith("http://localhost:")
    wrapped = dict(keyfile.wrap(cast.key("admin"), PASSPHRASE))
    SigningKey.objects.filter(pk=cast.key("admin").keyid).update(wrapped=wrapped)
    names = ("admin", "examiner", "supervisor")
    made = Office(*(Somebody.of(browser, live_server.url, name) for name in names))
    for person in (made.admin, made.examiner, made.supervisor):
        person.log_on()
    return made


def test_from_the_first_passkey_to_the_verified_report(office: Office, cast: Any) -> None:
    examiner, supervisor = office.examiner, office.supervisor
    examiner.page.goto("/keys/")
    expect(examiner.page.get_by_text("Passkeys do not work at this address.")).to_be_visible()
    state_the_address(office.admin)
    examiner.plug_in(transport="usb")
    supervisor.plug_in(transport="internal", synced=True)
    add_and_enrol(examiner, office.admin, "Blue stick", "Passkey, bound to one device: it cannot be copied.")
    add_and_enrol(supervisor, office.admin, "Phone", "Passkey, synced")
    item = cast.take_in(cast.add_authority(cast.open_case()), exhibit_number="EX-1", seal_number="S-100")
    offer(examiner, item)
    from custody.transfers import Transfer

    transfer = Transfer.objects.get(item=item)
    cast.work("fixity")
    cast.act("officer", "transfer.accept", transfer=str(transfer.pk))
    approve(supervisor)
    item.refresh_from_db()
    assert item.custodian == cast.officer
    verify(item, cast)
    assert office.wrong() == []


def state_the_address(admin: Somebody) -> None:
    admin.page.goto("/admin/passkeys/")
    admin.picture("admin-passkeys")
    expect(admin.page.get_by_text("not stated yet")).to_be_visible()
    admin.press("State it and sign")
    admin.sign("policy", PASSPHRASE)
    expect(admin.page.locator(".word.good", has_text="this system")).to_be_visible()
    admin.picture("admin-passkeys-stated")


def add_and_enrol(person: Somebody, admin: Somebody, label: str, words: str) -> None:
    page = person.page
    page.goto("/keys/")
    person.picture("keys")
    page.get_by_label("Name of the passkey").fill(label)
    page.keyboard.press("Enter")  # the whole way works by keyboard
    waiting = page.locator("article.key", has_text=label)
    expect(waiting).to_contain_text(words)
    expect(waiting).to_contain_text("Ask an administrator to enrol it")
    admin.page.goto("/admin/custody/signingkey/")
    admin.page.get_by_role("row").filter(has_text=label).get_by_role("link").first.click()
    expect(admin.page.locator(".facts").first).to_contain_text(words.rstrip("."))
    admin.press("Prepare the enrolment")
    page.goto("/keys/")
    page.get_by_role("button", name="Read and prove").click()
    person.sign("possession")
    expect(page.get_by_role("button", name="Read and prove")).to_be_hidden()
    admin.press("Sign the enrolment")
    admin.sign("enrolment", PASSPHRASE)
    expect(admin.page.get_by_role("heading", name="The key registered")).to_be_visible()
    admin.picture("admin-key")
    page.goto("/keys/")
    expect(waiting).to_contain_text("Enrolled by record")
    expect(waiting.get_by_role("button", name="Signs in this browser")).to_be_visible()
    person.picture("keys-enrolled")


def offer(examiner: Somebody, item: Any) -> None:
    """Offer the exhibit to the evidence officer."""
    page = examiner.page
    page.goto(f"/items/{item.pk}/")
    press_offer(examiner)
    examiner.sign("offer")
    expect(page.get_by_role("heading", name="Transfer of EX-1")).to_be_visible()


def approve(supervisor: Somebody) -> None:
    page = supervisor.page
    page.goto("/admin/custody/transfer/")
    page.keyboard.press("Enter")
    expect(page.locator("#content h1")).to_contain_text("EX-1:")
    page.keyboard.press("a")
    dialog = page.locator("#sign-dialog")
    expect(dialog.get_by_role("button", name="Sign", exact=True)).to_be_focused()
    supervisor.picture("admin-sign-approval")
    page.keyboard.press("Enter")
    expect(page.locator(".messagelist")).to_contain_text("Approved EX-1, record")


def verify(item: Any, cast: Any) -> None:
    """The bundle verifies; the offer's signature moved to a record of the same person does not."""
    from custody.ledger import history, prove, sites
    from custody.ledger.genesis import policy_text
    from custody.proof import envelope, signers
    from custody.proof.policy import parse_policy
    from custody.proof.prefix_map import Namespace
    from custody.proof.verdict import Outcome
    from custody.proof.verify import verify_bundle

    bundle = prove.prove(Namespace.ITEM, str(item.pk), cast.now()).data
    assert verify_bundle(bundle, policy=parse_policy(policy_text())).outcome is Outcome.VERIFIED
    told = {str(one.record.type): one for one in history.of_key("item", str(item.pk))}
    offer, approve = (envelope.parse_entry(told[f"transfer.{act}"].data) for act in ("offer", "approve"))
    assert all(one.signatures[0].assertion for one in (offer, approve))
    key = cast.people["examiner"].keys.get(kind="webauthn").enrolled()
    signers.verify_one(key, offer.signatures[0], offer.signed_bytes(), sites.stated())
    with pytest.raises(signers.PasskeyError) as moved:
        signers.verify_one(key, offer.signatures[0], approve.signed_bytes(), sites.stated())
    assert moved.value.flaw == "challenge"


@pytest.fixture
def holder(office: Office, cast: Any, live_server: Any) -> Somebody:
    """The examiner with an enrolled passkey in their browser."""
    from custody.ledger import sites

    text = sites.with_site(sites.stated_policy(), sites.own())
    cast.act("admin", "policy.update", policy=text, reason="The tests' address")
    examiner = office.examiner
    examiner.device = examiner.plug_in(transport="usb")
    add_and_enrol(examiner, office.admin, "Blue stick", "Passkey, bound to one device")
    return examiner


def test_what_goes_wrong_is_said_and_nothing_is_signed(holder: Somebody, cast: Any, live_server: Any) -> None:
    from custody.ledger.models import Entry

    item = cast.take_in(cast.add_authority(cast.open_case()), exhibit_number="EX-1", seal_number="S-100")
    page, dialog = holder.page, holder.page.locator("#sign-dialog")
    before = Entry.objects.count()
    page.goto(f"/items/{item.pk}/")
    press_offer(holder)
    # The person is not who the device knows.
    holder.devices.send(
        "WebAuthn.setUserVerified", {"authenticatorId": holder.device, "isUserVerified": False}
    )
    page.keyboard.press("Enter")
    said = dialog.locator("[data-error]")
    expect(said).to_contain_text("Nothing was signed.")
    holder.picture("sign-not-verified")
    expect(dialog.get_by_role("button", name="Sign", exact=True)).to_be_focused()
    # Nobody touches it; the person cancels on the page.
    holder.devices.send(
        "WebAuthn.setUserVerified", {"authenticatorId": holder.device, "isUserVerified": True}
    )
    presence = {"authenticatorId": holder.device, "enabled": False}
    holder.devices.send("WebAuthn.setAutomaticPresenceSimulation", presence)
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("button", name="Sign", exact=True)).to_be_disabled()
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Read and sign the offer")).to_be_enabled()
    assert Entry.objects.count() == before
    # And now they do.
    holder.devices.send("WebAuthn.setAutomaticPresenceSimulation", {**presence, "enabled": True})
    page.get_by_role("button", name="Read and sign the offer").click()
    expect(dialog.get_by_role("button", name="Sign", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Transfer of EX-1")).to_be_visible()
    # The same device a second time, and another address.
    page.goto("/keys/")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.locator("#add-passkey [data-problem]")).to_contain_text("already holds a passkey of yours")
    holder.picture("keys-already-there")
    number = live_server.url.replace("localhost", "127.0.0.1")
    page.context.clear_cookies()
    page.goto(f"{number}/login/")
    holder.log_on_here()
    page.goto(f"{number}/keys/")
    expect(page.get_by_text("Passkeys do not work at this address.")).to_be_visible()
    expect(page.locator("code", has_text=f"{live_server.url}/keys/")).to_be_visible()
    expect(page.get_by_role("button", name="Signs at localhost only")).to_be_disabled()
    holder.picture("keys-at-a-number")
    page.locator("summary", has_text="Revoke or suspect this key").last.click()
    page.locator("form[data-act='key.revoke'] [name=reason]").last.fill("Stick lost")
    page.get_by_role("button", name="Revoke and sign").last.click()
    expect(page.get_by_text("Your passkey works at localhost only")).to_be_visible()
    assert holder.wrong == []


def press_offer(examiner: Somebody) -> None:
    """Fill the form of an offer and press its button; the dialog opens."""
    examiner.page.locator("#taker").select_option(label="Officer Lindqvist, Detective")
    for name, text in {"purpose": "Storage", "place": "Store A", "seal_condition": "intact"}.items():
        examiner.page.locator(f"#{name}").fill(text)
    examiner.press("Read and sign the offer")
    expect(examiner.page.locator("#sign-dialog [data-summary] dt").first).to_be_visible()
