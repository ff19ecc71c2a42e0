"""Signed notes, checkpoints and policies, against notes that other programs signed."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.proof import checkpoint, digests
from custody.proof.checkpoint import Checkpoint
from custody.proof.errors import MalformedError, PolicyError, ProofError, SignatureError
from custody.proof.merkle import EMPTY_ROOT
from custody.proof.note_keys import NoteSigner, parse_vkey, sign_note, verify_note
from custody.proof.policy import Policy, verify_checkpoint
from custody.proof.signatures import Algorithm, SigningKey
from tests import corpus

ORIGIN = "evidence.example/log"
SIGNER = NoteSigner(ORIGIN, SigningKey.generate(Algorithm.ED25519))
STRANGER = NoteSigner(ORIGIN, SigningKey.generate(Algorithm.ED25519))
HEAD = Checkpoint(ORIGIN, 19255, digests.sha256(b"root"))
NOTE = sign_note(HEAD.text(), [SIGNER])
POLICY = Policy((SIGNER.public,), digests.sha256(b"genesis"), (digests.sha256(b"certificate").hex(),))


def test_a_note_of_the_go_checksum_database_verifies_and_no_changed_one_does() -> None:
    vector = json.loads(corpus.path("vectors/note/peter-neumann.json").read_bytes())
    key = parse_vkey(vector["vkey"])
    note = checkpoint.parse_note(vector["signed"])
    verify_note(note, [key])
    assert note.text == vector["text"]
    assert key.vkey == vector["vkey"]
    signed = vector["signed"].encode()
    for place in range(len(signed)):
        changed = signed[:place] + bytes([signed[place] ^ 1]) + signed[place + 1 :]
        with pytest.raises((ProofError, UnicodeDecodeError)):
            verify_note(checkpoint.parse_note(changed.decode()), [key])


def test_the_example_of_the_note_specification_verifies() -> None:
    text = corpus.path("vectors/spec/signed-note.md").read_text()
    vkey = re.search(r"example\.com/foo\+\S+", text, re.MULTILINE)
    note = re.search(r"^This is an example message\.\n\n.*\n", text, re.MULTILINE)
    assert vkey is not None
    assert note is not None
    verify_note(checkpoint.parse_note(note[0]), [parse_vkey(vkey[0])])


def test_every_head_of_another_log_is_accepted_under_its_key() -> None:
    key = parse_vkey(corpus.path("vectors/tlog-tiles/vkey.txt").read_text().strip())
    policy = Policy((key,))
    sizes = set()
    for file in corpus.files("vectors/tlog-tiles/checkpoint.*"):
        head = verify_checkpoint(file.read_text(), policy)
        assert file.name == f"checkpoint.{head.size}"
        sizes.add(head.size)
    assert sizes == set(range(16))


def test_a_checkpoint_is_three_lines() -> None:
    assert HEAD.text() == f"{ORIGIN}\n19255\n{digests.b64(HEAD.root)}\n"
    assert checkpoint.parse_checkpoint(HEAD.text()) == HEAD
    assert verify_checkpoint(NOTE, POLICY) == HEAD
    empty = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    assert checkpoint.parse_checkpoint(empty.text()) == empty


ROOT = digests.b64(HEAD.root)


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"{ORIGIN}\n5\n{ROOT}",
        f"{ORIGIN}\n5\n{ROOT}\nextension\n",
        f"{ORIGIN}\n5\n{ROOT}\n\n",
        f"\n5\n{ROOT}\n",
        f"two words\n5\n{ROOT}\n",
        f"a+b\n5\n{ROOT}\n",
        f"{ORIGIN}\n05\n{ROOT}\n",
        f"{ORIGIN}\n+5\n{ROOT}\n",
        f"{ORIGIN}\n-5\n{ROOT}\n",
        f"{ORIGIN}\n5 \n{ROOT}\n",
        f"{ORIGIN}\n\u0665\n{ROOT}\n",
        f"{ORIGIN}\n9223372036854775808\n{ROOT}\n",
        f"{ORIGIN}\n99999999999999999999999\n{ROOT}\n",
        f"{ORIGIN}\n5\n{ROOT[:-4]}\n",
        f"{ORIGIN}\n5\nAAAA\n",
        f"{ORIGIN}\n0\n{ROOT}\n",
        f"{ORIGIN}\r\n5\r\n{ROOT}\r\n",
    ],
)
def test_other_texts_are_no_checkpoint(text: str) -> None:
    with pytest.raises(MalformedError):
        checkpoint.parse_checkpoint(text)


def test_signatures_of_strangers_say_nothing_and_do_no_harm() -> None:
    both = sign_note(HEAD.text(), [STRANGER, SIGNER])
    assert verify_checkpoint(both, POLICY) == HEAD
    with pytest.raises(SignatureError, match="No known key"):
        verify_checkpoint(sign_note(HEAD.text(), [STRANGER]), POLICY)


def test_every_signature_of_a_known_key_must_verify() -> None:
    second = NoteSigner(ORIGIN, SigningKey.generate(Algorithm.ED25519))
    other = sign_note(Checkpoint(ORIGIN, 1, HEAD.root).text(), [second])
    forged = NOTE + other.rpartition("\n\n")[2]
    policy = Policy((SIGNER.public, second.public))
    with pytest.raises(SignatureError):
        verify_checkpoint(forged, policy)
    assert verify_checkpoint(forged, POLICY) == HEAD  # to whom the second key is a stranger's


def test_a_head_of_another_log_is_not_accepted_under_a_known_key() -> None:
    foreign = sign_note(Checkpoint("other.example/log", 5, HEAD.root).text(), [SIGNER])
    with pytest.raises(PolicyError, match="does not know the log"):
        verify_checkpoint(foreign, POLICY)


@given(st.integers(0, len(NOTE.encode()) - 1), st.integers(1, 255))
def test_no_checkpoint_with_one_changed_byte_is_accepted(place: int, change: int) -> None:
    changed = bytearray(NOTE.encode())
    changed[place] ^= change
    with pytest.raises((ProofError, UnicodeDecodeError)):
        verify_checkpoint(changed.decode(), POLICY)


LINE = NOTE.rpartition("\n\n")[2]


@pytest.mark.parametrize(
    "note",
    [
        "",
        "text\n",
        "text\n\n",
        "\n\n" + LINE,
        "text\n\n" + LINE + "more\n",
        "text\n\n" + LINE.rstrip("\n"),
        "text\n\n" + LINE.replace("— ", "- "),
        "text\n\n" + LINE.replace(" ", "  "),
        "text\n\n— name AAAA\n",
        "text\n\n— name not*base64\n",
        "text\n\n— na+me " + LINE.split()[2] + "\n",
        "text\n\n— na\u00a0me " + LINE.split()[2] + "\n",
        "te\txt\n\n" + LINE,
        "te\rxt\n\n" + LINE,
        "te\ud800xt\n\n" + LINE,
        "text\n\n" + LINE * (checkpoint.MAX_NOTE_SIGNATURES + 1),
        "x" * checkpoint.MAX_NOTE + "\n\n" + LINE,
    ],
)
def test_other_texts_are_no_signed_note(note: str) -> None:
    with pytest.raises(MalformedError):
        checkpoint.parse_note(note)


def test_a_note_may_have_empty_lines_and_sixteen_signatures() -> None:
    text = "first\n\nsecond\n"
    note = checkpoint.parse_note(sign_note(text, [SIGNER] * 16))
    verify_note(note, [SIGNER.public])
    assert (note.text, len(note.signatures)) == (text, 16)
