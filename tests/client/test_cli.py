"""The command line from end to end: words in, exit codes and sentences out."""

import hashlib
import json
from pathlib import Path

import pytest

from custody.client import cli, keys, session
from custody.client.profile import Profile
from tests.client.fake_server import CASE, FakeServer
from tests.client.test_take_in import COMMON

PASSPHRASE = "a passphrase of some length"


@pytest.fixture
def words(fake: FakeServer, profile: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A profile that is logged on, has a key, and the words every command begins with."""
    monkeypatch.setenv("COLUMNS", "200")
    session.log_on(profile, fake.address, "examiner", "right")
    key = keys.new(profile, PASSPHRASE)
    fake.keys[key.keyid] = key
    (tmp_path / "passphrase").write_text(PASSPHRASE + "\n")
    (tmp_path / "sheet.json").write_text(json.dumps([COMMON]))
    return ["--profile", str(profile.folder)]


def take_in(words: list[str], tmp_path: Path, *paths: Path) -> int:
    given = ["--case", "T-1", "--authority", "W-1", "--sheet", str(tmp_path / "sheet.json")]
    secret = ["--passphrase-file", str(tmp_path / "passphrase")]
    return cli.main([*words, "take-in", *given, *secret, *map(str, paths)])


def test_a_folder_is_taken_in_and_summed_up(
    fake: FakeServer, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evidence = tmp_path / "evidence"
    evidence.mkdir()
    (evidence / "[bold]one[red]").write_bytes(b"content")
    (evidence / "two\x1b[2J").write_bytes(b"content too")
    assert take_in(words, tmp_path, evidence) == 0
    said = capsys.readouterr().out
    assert "[bold]one[red]" in said
    assert "two\\x1b[2J" in said
    assert "\x1b[2J" not in said
    assert hashlib.sha256(b"content").hexdigest()[:16] in said
    assert "2 taken in, 0 already taken in, 0 failed" in said
    assert {upload.form["case"] for upload in fake.uploads.values()} == {CASE}


def test_one_failure_makes_the_exit_code_one(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "good").write_bytes(b"content")
    assert take_in(words, tmp_path, tmp_path / "good", tmp_path / "missing") == 1
    assert "1 taken in, 0 already taken in, 1 failed" in capsys.readouterr().out


def test_nothing_to_take_in_is_a_failure(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "empty folder").mkdir()
    assert take_in(words, tmp_path, tmp_path / "empty folder") == 1


def test_a_wrong_passphrase_ends_the_command_with_a_sentence(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "passphrase").write_text("another")
    assert take_in(words, tmp_path, tmp_path) == 1
    assert "passphrase does not open" in capsys.readouterr().err


def test_an_unknown_case_is_told(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--case", "T-9", "--authority", "W-1", "--sheet", str(tmp_path / "sheet.json")]
    secret = ["--passphrase-file", str(tmp_path / "passphrase")]
    assert cli.main([*words, "take-in", *given, *secret, str(tmp_path)]) == 1
    assert "There is no case 'T-9'" in capsys.readouterr().err


def test_lists_show_what_is_there(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*words, "cases"]) == 0
    assert cli.main([*words, "people"]) == 0
    assert cli.main([*words, "key", "show"]) == 0
    said = capsys.readouterr().out
    assert CASE in said
    assert "Person 3" in said
    assert "alg: ES256" in said


def test_logging_on_keeps_the_token_and_a_wrong_password_keeps_none(
    fake: FakeServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    profile = Profile(tmp_path / "fresh")
    given = ["--profile", str(profile.folder), "login", "examiner", "--server", fake.address]
    (tmp_path / "password").write_text("wrong")
    given += ["--password-file", str(tmp_path / "password")]
    assert cli.main(given) == 1
    assert "Name or password is wrong" in capsys.readouterr().err
    assert profile.read("token.json") == {}
    (tmp_path / "password").write_text("right\r\n")
    assert cli.main(given) == 0
    assert profile.read("token.json")["expires"] == "2999-01-01T00:00:00Z"


def test_a_password_is_not_sent_in_the_clear_over_the_network(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "password").write_text("right")
    given = [
        "login",
        "examiner",
        "--server",
        "http://example.org",
        "--password-file",
        str(tmp_path / "password"),
    ]
    assert cli.main(["--profile", str(tmp_path / "p"), *given]) == 1
    assert "use the server's https:// address" in capsys.readouterr().err


def test_an_expired_log_on_is_told(
    words: list[str], profile: Profile, capsys: pytest.CaptureFixture[str]
) -> None:
    profile.write("token.json", {"token": "t", "expires": "2020-01-01T00:00:00Z"})
    assert cli.main([*words, "cases"]) == 1
    assert "has expired" in capsys.readouterr().err


def test_missing_receipts_are_fetched_later(
    fake: FakeServer, words: list[str], profile: Profile, tmp_path: Path
) -> None:
    (tmp_path / "good").write_bytes(b"content")
    assert take_in(words, tmp_path, tmp_path / "good") == 0
    (profile.folder / "receipts/1.tlog-proof").unlink()
    assert cli.main([*words, "receipts"]) == 0
    assert (profile.folder / "receipts/1.tlog-proof").exists()


def test_a_report_is_downloaded_and_a_forged_one_does_not_verify(
    fake: FakeServer, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.files["r"] = b"%PDF-1.7 not a report"
    fake.reports["r"] = {"state": "ready", "sha256": hashlib.sha256(fake.files["r"]).hexdigest()}
    assert cli.main([*words, "report", "download", "r", "--to", str(tmp_path)]) == 0
    assert (tmp_path / "custody-report-r.pdf.tlog-proof").read_text() == "c2sp.org/tlog-proof@v1\n"
    assert cli.main([*words, "report", "verify", str(tmp_path / "custody-report-r.pdf")]) == 2
    assert "NOT VERIFIED" in capsys.readouterr().out
