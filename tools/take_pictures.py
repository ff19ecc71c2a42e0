"""Take the pictures of docs/court-guide.md from the built page: python -m tools.take_pictures

Needs Chromium. The report is the frozen one of tests/vectors; the zone is fixed, so that the pictures change only
when the page does.
"""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright

from tools import build_html_verifier

ROOT = Path(__file__).resolve().parent.parent
VECTORS = ROOT / "tests" / "vectors" / "report"
PICTURES = ROOT / "docs" / "pictures"


def main() -> None:
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        built = build_html_verifier.build(Path(folder) / "unbroken-verify.html")
        report, policy = VECTORS / "report.pdf", VECTORS / "policy.txt"
        changed = Path(folder) / "report.pdf"
        data = bytearray(report.read_bytes())
        data[1000] ^= 1
        changed.write_bytes(data)
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = chromium.new_page(
            viewport={"width": 920, "height": 900}, locale="en-GB", timezone_id="America/Bogota"
        )
        for name, files, height in (
            ("start", [], 420),
            ("verified", [report, policy], 1120),
            ("changed", [changed, policy], 700),
        ):
            page.goto(built.as_uri())
            page.wait_for_selector("#files", state="attached")
            if files:
                page.set_input_files("#files", files)
                page.wait_for_selector("#verdict")
            _take(page, name, height)
        chromium.close()


def _take(page: Page, name: str, height: int) -> None:
    page.set_viewport_size({"width": 920, "height": height})
    page.screenshot(path=PICTURES / f"verifier-{name}.png")


if __name__ == "__main__":
    main()
