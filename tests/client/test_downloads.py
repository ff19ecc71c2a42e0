"""Fetched files are kept only under the digest that was announced, and never over another file."""

import hashlib
from pathlib import Path

import pytest

from custody.client import reports
from custody.client.errors import ClientError, DigestMismatchError, SourceError
from custody.client.server import Server
from tests.client.fake_server import TOKEN, FakeServer

PDF = b"%PDF-1.7 a report" * 1000


def offer(fake: FakeServer, *, sha256: str) -> None:
    fake.files["r"] = PDF
    fake.reports["r"] = {"state": "ready", "sha256": sha256}


def test_a_report_is_fetched_and_closed_to_others(fake: FakeServer, tmp_path: Path) -> None:
    offer(fake, sha256=hashlib.sha256(PDF).hexdigest())
    target = tmp_path / "report.pdf"
    with Server(fake.address, TOKEN) as server:
        reports.download(server, "r", target)
        assert target.read_bytes() == PDF
        assert target.stat().st_mode & 0o077 == 0
        with pytest.raises(SourceError, match="not overwritten"):
            reports.download(server, "r", target)


def test_a_report_with_another_digest_is_thrown_away(fake: FakeServer, tmp_path: Path) -> None:
    offer(fake, sha256="0" * 64)
    with Server(fake.address, TOKEN) as server, pytest.raises(DigestMismatchError):
        reports.download(server, "r", tmp_path / "report.pdf")
    assert list(tmp_path.iterdir()) == []


def test_a_receipt_is_waited_for_and_kept_beside_the_report_once(fake: FakeServer, tmp_path: Path) -> None:
    fake.report_receipts["r"] = "c2sp.org/tlog-proof@v1\nextra e30=\nindex 7\n\nnote\n"
    fake.refuse_report_receipts = 2
    target = tmp_path / "report.pdf.tlog-proof"
    pauses: list[float] = []
    with Server(fake.address, TOKEN) as server:
        reports.receipt(server, "r", target, pauses.append)
        assert target.read_text() == fake.report_receipts["r"]
        assert len(pauses) == 2
        with pytest.raises(SourceError, match="not overwritten"):
            reports.receipt(server, "r", target)


def test_a_report_that_cannot_be_made_says_why(fake: FakeServer) -> None:
    fake.reports["r"] = {"state": "failed", "problem": "No signed head covers it."}
    with Server(fake.address, TOKEN) as server, pytest.raises(ClientError, match="No signed head"):
        reports.wait(server, "r", lambda seconds: None)


def test_waiting_ends_when_the_report_is_ready(fake: FakeServer) -> None:
    fake.reports["r"] = {"state": "waiting"}

    def later(seconds: float) -> None:
        fake.reports["r"] = {"state": "ready", "sha256": "1" * 64}

    with Server(fake.address, TOKEN) as server:
        assert reports.wait(server, "r", later)["state"] == "ready"
