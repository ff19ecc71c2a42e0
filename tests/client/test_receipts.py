"""Receipts are checked when they come, against the policy that was first seen."""

from pathlib import Path

import pytest

from custody.client import receipts
from custody.client.errors import ClientError
from custody.client.profile import Profile
from custody.client.server import Server
from custody.proof import digests
from custody.proof.note_keys import NoteSigner
from custody.proof.policy import parse_policy
from custody.proof.signatures import Algorithm, SigningKey
from tests.client.fake_server import ORIGIN, TOKEN, FakeServer


def own_record(fake: FakeServer, profile: Profile, entry: bytes) -> int:
    fake.entries.append(entry)
    index = len(fake.entries) - 1
    profile.write(f"receipts/{index}.json", {"leaf": digests.b64(digests.leaf_hash(entry))})
    return index


def keep(fake: FakeServer, profile: Profile, *entries: int) -> list[str]:
    with Server(fake.address, TOKEN) as server:
        return receipts.keep(server, profile, entries, lambda seconds: None)


def test_receipts_are_kept_when_they_prove_the_entry(fake: FakeServer, profile: Profile) -> None:
    fake.refuse_receipts = 3
    entries = [own_record(fake, profile, name) for name in (b"a", b"b", b"c")]
    assert keep(fake, profile, *entries) == []
    kept = (profile.folder / "receipts/2.tlog-proof").read_text()
    assert receipts.parse(kept).index == 2


def test_a_receipt_for_other_bytes_is_told_and_not_kept(fake: FakeServer, profile: Profile) -> None:
    index = own_record(fake, profile, b"mine")
    fake.entries[index] = b"something else"
    (sentence,) = keep(fake, profile, index)
    assert "Tell the auditor" in sentence
    assert not (profile.folder / f"receipts/{index}.tlog-proof").exists()


def test_a_log_key_that_changes_after_the_first_time_is_not_believed(
    fake: FakeServer, profile: Profile
) -> None:
    assert keep(fake, profile, own_record(fake, profile, b"first")) == []
    fake.log_key = NoteSigner(ORIGIN, SigningKey.generate(Algorithm.ED25519))
    (sentence,) = keep(fake, profile, own_record(fake, profile, b"second"))
    assert "does not prove it" in sentence


def test_a_receipt_that_is_not_published_is_told(fake: FakeServer, profile: Profile) -> None:
    fake.refuse_receipts = 1000
    (sentence,) = keep(fake, profile, own_record(fake, profile, b"first"))
    assert "Not published yet" in sentence


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c2sp.org/tlog-proof@v1\nindex 1\n",
        "other\nindex 1\n\nnote",
        "c2sp.org/tlog-proof@v1\nindex x\n\nnote",
    ],
)
def test_other_texts_are_not_taken_for_receipts(text: str) -> None:
    with pytest.raises(ClientError):
        receipts.parse(text)


def test_a_receipt_of_another_entry_is_refused(fake: FakeServer, tmp_path: Path) -> None:
    fake.entries += [b"a", b"b"]
    _, text = fake.get("receipts/1/")
    with pytest.raises(ClientError, match="for entry 1, not for entry 2"):
        receipts.check(
            receipts.parse(text), entry=2, leaf=digests.leaf_hash(b"b"), policy=parse_policy(fake.policy())
        )
