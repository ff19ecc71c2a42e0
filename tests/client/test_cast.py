"""The demonstration's accounts file, and what is said when it is missing or another file."""

import json
from pathlib import Path

import pytest

from custody.client.cast import Cast, read_accounts
from custody.client.errors import ClientError


def test_accounts_are_read_from_the_file_made_with_the_log(tmp_path: Path) -> None:
    row = {"password": "p", "passphrase": "f", "name": "A. Person", "role": "examiner", "label": "Examiner"}
    (tmp_path / "accounts.json").write_text(json.dumps({"examiner": row}))
    accounts = read_accounts(tmp_path / "accounts.json")
    assert accounts["examiner"].name == "A. Person"
    with Cast(tmp_path / "demo", "http://127.0.0.1:1", accounts) as cast:
        with pytest.raises(ClientError, match="has not logged on"):
            cast.session("examiner")
        with pytest.raises(ClientError, match="no account 'nobody'"):
            cast.session("nobody")


def test_a_missing_file_says_how_it_is_made(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="open_log --demo"):
        read_accounts(tmp_path / "accounts.json")


@pytest.mark.parametrize("content", ["", "[]", '{"examiner": {}}', '{"examiner": 1}'])
def test_another_file_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / "accounts.json").write_text(content)
    with pytest.raises(ClientError, match="not a file of demonstration accounts"):
        read_accounts(tmp_path / "accounts.json")
