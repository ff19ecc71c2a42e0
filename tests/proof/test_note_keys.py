"""The keys of notes: which bytes each kind signs, verifier keys, cosignatures of witnesses."""

import hashlib
import re
import struct

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
from hypothesis import given
from hypothesis import strategies as st

from custody.proof import digests, note_keys
from custody.proof.checkpoint import Checkpoint, NoteSignature, parse_note
from custody.proof.errors import MalformedError, ProofError, SignatureError
from custody.proof.note_keys import (
    Cosigner,
    NoteKey,
    NoteKind,
    NoteSigner,
    add_signatures,
    parse_vkey,
    sign_note,
    verified,
    verify_note,
)
from custody.proof.signatures import Algorithm, SigningKey
from tests import corpus

ORIGIN = "evidence.example/log"
COURT = "court.example/witness"
TIME = 1_795_000_000
HEAD = Checkpoint(ORIGIN, 19255, digests.sha256(b"root"))
SIGNER = NoteSigner(ORIGIN, SigningKey.generate(Algorithm.ED25519))
FIPS_SIGNER = NoteSigner(ORIGIN, SigningKey.generate(Algorithm.ES256))
WITNESS = Cosigner(COURT, SigningKey.generate(Algorithm.ED25519))
PQ_WITNESS = Cosigner(COURT, SigningKey.generate(Algorithm.ML_DSA_44))
EVERY_KIND = (SIGNER, FIPS_SIGNER, WITNESS, PQ_WITNESS)


def line_of(one: NoteSigner | Cosigner, text: str = HEAD.text()) -> NoteSignature:
    return one.signature(text) if isinstance(one, NoteSigner) else one.signature(text, TIME)


def note_of(*some: NoteSigner | Cosigner) -> str:
    return add_signatures(HEAD.text() + "\n", [line_of(one) for one in some])


@pytest.mark.parametrize("one", EVERY_KIND)
def test_a_signature_of_every_kind_verifies_and_only_a_cosignature_states_a_time(
    one: NoteSigner | Cosigner,
) -> None:
    (found,) = verify_note(parse_note(note_of(one)), [one.public])
    assert found.key == one.public
    assert found.time == (TIME if isinstance(one, Cosigner) else None)


def test_each_kind_has_the_byte_that_c2sp_assigns() -> None:
    assert [one.public.kind for one in EVERY_KIND] == [0x01, 0x02, 0x04, 0x06]
    assert [len(one.public.public) for one in EVERY_KIND] == [32, 91, 32, 1312]


def test_short_hashes_are_those_of_c2sp() -> None:
    """Name, newline, type and key; for P-256, by the note specification, the key alone."""
    for one in (SIGNER, WITNESS, PQ_WITNESS):
        key = one.public
        hashed = hashlib.sha256(key.name.encode() + b"\n" + bytes([key.kind]) + key.public).digest()
        assert key.key_hash == hashed[:4]
    assert FIPS_SIGNER.public.key_hash == hashlib.sha256(FIPS_SIGNER.public.public).digest()[:4]


def test_an_ed25519_witness_signs_two_lines_and_the_text() -> None:
    sig = line_of(WITNESS).sig
    assert sig[:8] == TIME.to_bytes(8, "big")
    message = f"cosignature/v1\ntime {TIME}\n{HEAD.text()}".encode()
    Ed25519PublicKey.from_public_bytes(WITNESS.public.public).verify(sig[8:], message)


def test_an_ml_dsa_witness_signs_the_structure_of_the_specification() -> None:
    sig = line_of(PQ_WITNESS).sig
    name, origin = COURT.encode(), ORIGIN.encode()
    message = struct.pack(
        f">12sB{len(name)}sQB{len(origin)}sQQ32s",
        b"subtree/v1\n\0",
        len(name),
        name,
        TIME,
        len(origin),
        origin,
        0,
        HEAD.size,
        HEAD.root,
    )
    assert len(sig) == 8 + 2420
    MLDSA44PublicKey.from_public_bytes(PQ_WITNESS.public.public).verify(sig[8:], message)


def test_the_examples_of_cosignatures_have_the_form_that_is_read() -> None:
    """The specification gives a checkpoint with a log's and a witness's signature, without their keys."""
    text = corpus.path("vectors/spec/tlog-cosignature.md").read_text()
    example = re.search(r"```\n(example\.com/behind-the-sofa\n.*?\n)```", text, re.DOTALL)
    assert example is not None
    note = parse_note(example[1])
    assert [(one.name, len(one.sig)) for one in note.signatures] == [
        ("example.com/behind-the-sofa", 64),
        ("witness.example.com/w1", 8 + 64),
    ]
    assert int.from_bytes(note.signatures[1].sig[:8], "big") == 1679315147


@pytest.mark.parametrize("one", EVERY_KIND)
def test_a_signature_is_over_this_head_and_no_other(one: NoteSigner | Cosigner) -> None:
    other = Checkpoint(ORIGIN, HEAD.size + 1, HEAD.root)
    moved = add_signatures(other.text() + "\n", [line_of(one)])
    with pytest.raises(SignatureError):
        verified(parse_note(moved), [one.public])


@pytest.mark.parametrize("one", [WITNESS, PQ_WITNESS])
def test_the_time_of_a_cosignature_cannot_be_changed(one: Cosigner) -> None:
    signed = line_of(one)
    later = NoteSignature(signed.name, signed.key_hash, (TIME + 1).to_bytes(8, "big") + signed.sig[8:])
    with pytest.raises(SignatureError):
        verified(parse_note(add_signatures(HEAD.text() + "\n", [later])), [one.public])


def test_an_ml_dsa_cosignature_is_bound_to_the_name_of_its_maker() -> None:
    other = NoteKey("bar.example/witness", PQ_WITNESS.public.public, NoteKind.ML_DSA_COSIGNATURE)
    renamed = NoteSignature(other.name, other.key_hash, line_of(PQ_WITNESS).sig)
    with pytest.raises(SignatureError):
        verified(parse_note(add_signatures(HEAD.text() + "\n", [renamed])), [other])


@pytest.mark.parametrize("change", [b"", b"\0"])
@pytest.mark.parametrize("one", [WITNESS, PQ_WITNESS])
def test_a_cosignature_of_another_length_is_refused(one: Cosigner, change: bytes) -> None:
    signed = line_of(one)
    sig = signed.sig + change if change else signed.sig[:-1]
    with pytest.raises(SignatureError, match="length"):
        one.public.verify(sig, HEAD.text())


def test_a_time_beyond_what_is_allowed_is_refused() -> None:
    signed = line_of(WITNESS)
    with pytest.raises(SignatureError, match="out of range"):
        WITNESS.public.verify((2**63).to_bytes(8, "big") + signed.sig[8:], HEAD.text())
    with pytest.raises(MalformedError):
        WITNESS.signature(HEAD.text(), -1)


def test_an_ml_dsa_cosignature_is_of_a_head_only_and_of_names_that_fit() -> None:
    with pytest.raises(MalformedError):
        PQ_WITNESS.signature("any text\n", TIME)
    with pytest.raises(SignatureError):
        PQ_WITNESS.public.verify(line_of(PQ_WITNESS).sig, "any text\n")
    long = Checkpoint("é" * 200, 1, HEAD.root)
    with pytest.raises(MalformedError, match="255 bytes"):
        PQ_WITNESS.signature(long.text(), TIME)


PQ_NOTE = note_of(SIGNER, WITNESS, PQ_WITNESS).encode()


@given(st.integers(0, len(PQ_NOTE) - 1), st.integers(1, 255))
def test_no_changed_byte_leaves_all_three_signatures_standing(place: int, change: int) -> None:
    changed = bytearray(PQ_NOTE)
    changed[place] ^= change
    with pytest.raises((ProofError, UnicodeDecodeError, AssertionError)):
        note = parse_note(changed.decode())
        found = verified(note, [SIGNER.public, WITNESS.public, PQ_WITNESS.public])
        assert len(found) == 3


@pytest.mark.parametrize("one", EVERY_KIND)
def test_a_verifier_key_is_read_back(one: NoteSigner | Cosigner) -> None:
    assert parse_vkey(one.vkey) == one.public
    assert parse_vkey(one.vkey).vkey == one.vkey


def vkey(name: str, material: bytes) -> str:
    hashed = digests.sha256(material[1:]) if material[:1] == b"\x02" else None
    key_hash = hashed or digests.sha256(name.encode() + b"\n" + material)
    return f"{name}+{key_hash[:4].hex()}+{digests.b64(material)}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name+00000000",
        SIGNER.vkey.replace(ORIGIN, "other.example/log"),
        SIGNER.vkey[:-4],
        f"{ORIGIN}+00000000+{digests.b64(bytes([1]) + SIGNER.public.public)}",
        f"{ORIGIN}+00000000+{digests.b64(bytes([4]) + SIGNER.public.public)}",
        NoteKey(ORIGIN, bytes(32)).vkey,
        vkey(ORIGIN, b""),
        vkey(ORIGIN, b"\x05" + SIGNER.public.public),
        vkey(ORIGIN, b"\x01" + SIGNER.public.public + b"\0"),
        vkey(ORIGIN, b"\x01" + FIPS_SIGNER.public.public),
        vkey(ORIGIN, b"\x02" + SIGNER.public.spki),
        vkey(ORIGIN, b"\x02" + FIPS_SIGNER.public.public + b"\0"),
        vkey(ORIGIN, b"\x06" + PQ_WITNESS.public.public[:-1]),
        vkey(ORIGIN, b"\x06" + WITNESS.public.public),
    ],
)
def test_other_texts_are_no_verifier_key(text: str) -> None:
    with pytest.raises(MalformedError):
        parse_vkey(text)


def test_logs_sign_and_witnesses_cosign() -> None:
    with pytest.raises(ValueError, match="cosign"):
        NoteSigner(ORIGIN, SigningKey.generate(Algorithm.ML_DSA_44))
    with pytest.raises(ValueError, match="Ed25519 or ML-DSA-44"):
        Cosigner(COURT, SigningKey.generate(Algorithm.ES256))
    for make in (NoteSigner, Cosigner):
        with pytest.raises(MalformedError):
            make("two words", SigningKey.generate(Algorithm.ED25519))


@pytest.mark.parametrize("algorithm", [Algorithm.ED25519, Algorithm.ES256])
def test_the_key_of_a_note_is_the_key_of_the_map_heads(algorithm: Algorithm) -> None:
    key = SigningKey.generate(algorithm)
    public = parse_vkey(NoteSigner(ORIGIN, key).vkey)
    assert (public.spki, public.keyid) == (key.spki, key.keyid)


def test_a_cosignature_is_not_a_signature_of_the_log_with_the_same_key() -> None:
    """One Ed25519 key in two kinds: the kinds have other hashes and sign other bytes."""
    key = SigningKey.generate(Algorithm.ED25519)
    log, witness = NoteSigner(ORIGIN, key), Cosigner(ORIGIN, key)
    assert log.public.key_hash != witness.public.key_hash
    crossed = NoteSignature(ORIGIN, log.public.key_hash, line_of(witness).sig[8:])
    with pytest.raises(SignatureError):
        verify_note(parse_note(add_signatures(HEAD.text() + "\n", [crossed])), [log.public])


def test_a_note_without_a_known_signature_is_refused_and_one_without_any_is_none() -> None:
    with pytest.raises(SignatureError, match="No known key"):
        verify_note(parse_note(note_of(WITNESS)), [SIGNER.public])
    with pytest.raises(MalformedError):
        sign_note(HEAD.text(), [])
    assert note_keys.MAX_COSIGNED_NAME == 255
