"""Verifies a bundle in the page for browsers, opened from file:// in Chromium, and says how long a person waits."""

from __future__ import annotations

import importlib.util
import shutil
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
BUILDER = "tools.build_html_verifier"
ROUNDS = 3


def what_is_missing() -> str:
    """Name what this machine lacks to measure it; empty if nothing."""
    if importlib.util.find_spec(BUILDER) is None:
        return "there is no page to build"
    return "" if CHROMIUM else "there is no Chromium (make browser)"


def seconds_to_verdict(bundle: Path, policy: Path, folder: Path) -> tuple[float, str]:
    """Give both files to a fresh page and wait for its verdict; return the best of a few, and the verdict."""
    best, verdict = float("inf"), ""
    try:
        page_file = importlib.import_module(BUILDER).build(folder / "unbroken-verify.html")
    except SystemExit as refusal:
        # The page has grown over its limit of size, which is its own test's business.
        return best, f"the page cannot be built: {refusal}"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for _ in range(ROUNDS):
            page = chromium.new_context(offline=True, locale="en-GB").new_page()
            page.goto(page_file.as_uri())
            page.wait_for_selector("#files", state="attached")
            started = time.perf_counter()
            page.set_input_files("#files", [bundle, policy])
            page.wait_for_selector("#verdict", timeout=60_000)
            best = min(best, time.perf_counter() - started)
            verdict = page.inner_text("#verdict")
        chromium.close()
    return best, verdict
