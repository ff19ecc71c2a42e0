"""A person's hands at a browser: log on, sign in the dialog, take a picture of the page.

Each person has a browser context of their own, as on a computer of their own. Errors of scripts and refusals by
the content security policy are collected, whatever page they happen on.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, Response, expect

from custody.client.cast import Account

# A key is opened by 600,000 rounds of hashing, which takes seconds on a busy machine.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)
PICTURES = os.environ.get("UNBROKEN_SCREENSHOTS", "")


@dataclass
class Hands:
    """One person at one browser."""

    account: Account
    page: Page
    passphrase: str
    wrong: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, browser: Browser, address: str, account: Account) -> Hands:
        context = browser.new_context(
            base_url=address, viewport={"width": 1280, "height": 900}, accept_downloads=True
        )
        context.set_default_timeout(PATIENCE)
        made = cls(account, context.new_page(), account.passphrase)
        made.page.on("pageerror", lambda error: made.wrong.append(f"{made.page.url}: {error}"))
        made.page.on("console", lambda told: made._hear(told.type, told.text))
        made.page.on("response", made._look)
        return made

    def _hear(self, kind: str, text: str) -> None:
        # The browser writes a line for every refused request too; those are looked at one by one.
        if kind == "error" and "Failed to load resource" not in text:
            self.wrong.append(f"{self.page.url}: {text}")

    def _look(self, response: Response) -> None:
        # "Conflict" is said when somebody else acted meanwhile, and is tried again.
        if response.status >= 400 and response.status != 409:
            self.wrong.append(f"{self.page.url}: {response.status} {response.url}")

    def log_on(self) -> None:
        """Log on at the ordinary pages, after the notice."""
        self.page.goto("/login/")
        expect(self.page.get_by_role("heading", name="Notice to all users")).to_be_visible()
        self.picture("log-on")
        self.page.get_by_label("I have read this notice and agree.").check()
        self.page.get_by_label("User name").fill(self.account.username)
        self.page.get_by_label("Password").fill(self.account.password)
        self.page.get_by_role("button", name="Log on").click()
        expect(self.page.get_by_role("heading", level=1, name=self.account.name)).to_be_visible()
        self.picture("home")

    def log_on_to_the_administration(self) -> None:
        self.page.goto("/admin/")
        expect(self.page.get_by_role("heading", name="Notice to all users")).to_be_visible()
        self.picture("admin-log-on")
        self.page.get_by_label("I have read this notice and agree.").check()
        self.page.get_by_label("User name").fill(self.account.username)
        self.page.get_by_label("Password").fill(self.account.password)
        self.page.get_by_role("button", name="Log on").click()
        expect(self.page.get_by_role("heading", name="Good day")).to_be_visible()
        self.picture("admin-start")

    def press(self, name: str | re.Pattern[str], *, within: Locator | None = None) -> None:
        (within or self.page).get_by_role("button", name=name).click()

    def follow(self, name: str | re.Pattern[str], *, within: Locator | None = None) -> None:
        (within or self.page).get_by_role("link", name=name).first.click()

    def fill(self, **fields: str) -> None:
        """Fill the fields of the page by their ids."""
        for name, value in fields.items():
            self.page.locator(f"#{name}").fill(value)

    def choose(self, name: str, words: str) -> None:
        """Choose the option of a list whose text holds these words."""
        found = self.page.locator(f"#{name} option", has_text=words).first
        self.page.locator(f"#{name}").select_option(value=found.get_attribute("value"))

    def sign(self, name: str) -> None:
        """Read the dialog, type the passphrase if it is asked for, sign."""
        dialog = self.page.locator("#sign-dialog")
        expect(dialog).to_be_visible()
        expect(dialog.locator("[data-summary] dt").first).to_be_visible()
        self.picture(f"sign-{name}")
        field_ = dialog.locator("[name=passphrase]")
        if field_.is_visible():
            field_.fill(self.passphrase)
        dialog.get_by_role("button", name="Sign", exact=True).click()
        expect(dialog).to_be_hidden()

    def sees(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()

    def picture(self, name: str) -> None:
        """Keep a picture of the whole page, if a folder for pictures was named."""
        if PICTURES:
            Path(PICTURES).mkdir(parents=True, exist_ok=True)
            number = len(list(Path(PICTURES).iterdir()))
            path = Path(PICTURES) / f"{number:02}-{self.account.username}-{name}.png"
            self.page.screenshot(path=path, full_page=True)
