"""Signed notes, checkpoints and policies, against notes that other programs signed."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.proof import checkpoint, digests
from custody.proof.checkpoint import Checkpoint, NoteSigner, Policy
from custody.proof.errors import MalformedError, PolicyError, ProofError, SignatureError
from custody.proof.merkle import EMPTY_ROOT
from custody.proof.signatures import Algorithm, SigningKey
from tests import corpus

ORIGIN = "evidence.example/log"
SIGNER = NoteSigner(ORIGIN, SigningKey.generate(Algorithm.ED25519))
STRANGER = NoteSigner(ORIGIN, SigningKey.generate(Algorithm.ED25519))
HEAD = Checkpoint(ORIGIN, 19255, digests.sha256(b"root"))
NOTE = checkpoint.sign_note(HEAD.text(), [SIGNER])
POLICY = Policy((SIGNER.public,), digests.sha256(b"genesis"), (digests.sha256(b"certificate").hex(),))


def test_a_note_of_the_go_checksum_database_verifies_and_no_changed_one_does() -> None:
    vector = json.loads(corpus.path("vectors/note/peter-neumann.json").read_bytes())
    key = checkpoint.parse_vkey(vector["vkey"])
    note = checkpoint.parse_note(vector["signed"])
    checkpoint.verify_note(note, [key])
    assert note.text == vector["text"]
    assert key.vkey == vector["vkey"]
    signed = vector["signed"].encode()
    for place in range(len(signed)):
        changed = signed[:place] + bytes([signed[place] ^ 1]) + signed[place + 1 :]
        with pytest.raises((ProofError, UnicodeDecodeError)):
            checkpoint.verify_note(checkpoint.parse_note(changed.decode()), [key])


def test_the_example_of_the_note_specification_verifies() -> None:
    text = corpus.path("vectors/spec/signed-note.md").read_text()
    vkey = re.search(r"example\.com/foo\+\S+", text, re.MULTILINE)
    note = re.search(r"^This is an example message\.\n\n.*\n", text, re.MULTILINE)
    assert vkey is not None
    assert note is not None
    checkpoint.verify_note(checkpoint.parse_note(note[0]), [checkpoint.parse_vkey(vkey[0])])


def test_every_head_of_another_log_is_accepted_under_its_key() -> None:
    key = checkpoint.parse_vkey(corpus.path("vectors/tlog-tiles/vkey.txt").read_text().strip())
    policy = Policy((key,))
    sizes = set()
    for file in corpus.files("vectors/tlog-tiles/checkpoint.*"):
        head = checkpoint.verify_checkpoint(file.read_text(), policy)
        assert file.name == f"checkpoint.{head.size}"
        sizes.add(head.size)
    assert sizes == set(range(16))


def test_a_checkpoint_is_three_lines() -> None:
    assert HEAD.text() == f"{ORIGIN}\n19255\n{digests.b64(HEAD.root)}\n"
    assert checkpoint.parse_checkpoint(HEAD.text()) == HEAD
    assert checkpoint.verify_checkpoint(NOTE, POLICY) == HEAD
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
    both = checkpoint.sign_note(HEAD.text(), [STRANGER, SIGNER])
    assert checkpoint.verify_checkpoint(both, POLICY) == HEAD
    with pytest.raises(SignatureError, match="No known key"):
        checkpoint.verify_checkpoint(checkpoint.sign_note(HEAD.text(), [STRANGER]), POLICY)


def test_every_signature_of_a_known_key_must_verify() -> None:
    second = NoteSigner(ORIGIN, SigningKey.generate(Algorithm.ED25519))
    other = checkpoint.sign_note(Checkpoint(ORIGIN, 1, HEAD.root).text(), [second])
    forged = NOTE + other.rpartition("\n\n")[2]
    policy = Policy((SIGNER.public, second.public))
    with pytest.raises(SignatureError):
        checkpoint.verify_checkpoint(forged, policy)
    assert checkpoint.verify_checkpoint(forged, POLICY) == HEAD  # to whom the second key is a stranger's


def test_a_head_of_another_log_is_not_accepted_under_a_known_key() -> None:
    foreign = checkpoint.sign_note(Checkpoint("other.example/log", 5, HEAD.root).text(), [SIGNER])
    with pytest.raises(PolicyError, match="does not know the log"):
        checkpoint.verify_checkpoint(foreign, POLICY)


@given(st.integers(0, len(NOTE.encode()) - 1), st.integers(1, 255))
def test_no_checkpoint_with_one_changed_byte_is_accepted(place: int, change: int) -> None:
    changed = bytearray(NOTE.encode())
    changed[place] ^= change
    with pytest.raises((ProofError, UnicodeDecodeError)):
        checkpoint.verify_checkpoint(changed.decode(), POLICY)


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
    note = checkpoint.parse_note(checkpoint.sign_note(text, [SIGNER] * 16))
    checkpoint.verify_note(note, [SIGNER.public])
    assert (note.text, len(note.signatures)) == (text, 16)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "name+00000000",
        SIGNER.vkey.replace(ORIGIN, "other.example/log"),
        SIGNER.vkey[:-4],
        f"{ORIGIN}+00000000+{digests.b64(bytes([1]) + SIGNER.public.public)}",
        f"{ORIGIN}+00000000+{digests.b64(bytes([4]) + SIGNER.public.public)}",
        checkpoint.NoteKey(ORIGIN, bytes(32)).vkey,
    ],
)
def test_other_texts_are_no_verifier_key(vkey: str) -> None:
    with pytest.raises(MalformedError):
        checkpoint.parse_vkey(vkey)


def test_notes_are_signed_with_ed25519_only() -> None:
    with pytest.raises(ValueError, match="Ed25519"):
        NoteSigner(ORIGIN, SigningKey.generate())
    with pytest.raises(MalformedError):
        NoteSigner("two words", SigningKey.generate(Algorithm.ED25519))


def test_the_key_of_a_note_is_the_key_of_the_map_heads() -> None:
    key = SigningKey.generate(Algorithm.ED25519)
    public = checkpoint.parse_vkey(NoteSigner(ORIGIN, key).vkey)
    assert (public.spki, public.keyid) == (key.spki, key.keyid)


def test_a_policy_is_read_back_and_remains_a_policy_for_others() -> None:
    text = checkpoint.format_policy(POLICY)
    assert checkpoint.parse_policy(text) == POLICY
    assert text.splitlines()[:2] == [f"log {SIGNER.vkey}", "quorum none"]
    assert all(line.startswith("#") for line in text.splitlines()[2:])
    commented = f"# ours\n\n \t log\t{SIGNER.vkey}  https://evidence.example/\n#pins follow\nquorum none\n"
    assert checkpoint.parse_policy(commented) == Policy((SIGNER.public,))


@pytest.mark.parametrize("line", [f"witness court {SIGNER.vkey}", "group all any court", "quorum court"])
def test_a_policy_that_asks_for_witnesses_is_refused_not_half_obeyed(line: str) -> None:
    quorum = "" if line.startswith("quorum") else "quorum none\n"
    with pytest.raises(PolicyError, match="witnesses"):
        checkpoint.parse_policy(f"log {SIGNER.vkey}\n{quorum}{line}\n")


PIN = digests.b64(digests.sha256(b"genesis"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"log {SIGNER.vkey}\n",
        "quorum none\nquorum none\n",
        "quorum\n",
        "quorum none\nlog\n",
        f"quorum none\nlog {SIGNER.vkey} url more\n",
        f"quorum none\nlog {SIGNER.vkey}\nlog {SIGNER.vkey}\n",
        "quorum none\nmystery line\n",
        "quorum none\n#pin\n",
        "quorum none\n#pin mystery AAAA\n",
        f"quorum none\n#pin genesis {PIN}\n#pin genesis {PIN}\n",
        f"quorum none\n#pin genesis {PIN} more\n",
        "quorum none\n#pin genesis AAAA\n",
        "quorum none\n#pin seal AAAA\n",
        "quorum none\n#pin seal\n",
        "quorum none\n#pin seal " + "A" * 64 + "\n",
        "quorum none\r\n",
        "quorum none\n" + "#" * checkpoint.MAX_POLICY,
    ],
)
def test_other_texts_are_no_policy(text: str) -> None:
    with pytest.raises(MalformedError):
        checkpoint.parse_policy(text)


def test_a_policy_that_could_not_be_read_back_is_not_written() -> None:
    with pytest.raises(MalformedError):
        checkpoint.format_policy(Policy((), None, ("not a hash",)))
