"""Entries: what is signed, what is stored, and that nothing else opens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.proof import canonical, digests, envelope
from custody.proof.envelope import Signature
from custody.proof.errors import MalformedError, ProofError, SignatureError
from custody.proof.records import MAP_HEAD_PAYLOAD_TYPE, MAX_ENTRY, MAX_PAYLOAD, RECORD_PAYLOAD_TYPE
from custody.proof.signatures import Algorithm, SigningKey

ACTOR, OTHER = SigningKey.generate(), SigningKey.generate(Algorithm.ED25519)
PAYLOAD = b'{"any":"payload"}'
SPKI = {ACTOR.keyid: ACTOR.spki, OTHER.keyid: OTHER.spki}


def _signed(payload: bytes, *keys: SigningKey) -> bytes:
    message = envelope.pae(RECORD_PAYLOAD_TYPE, payload)
    return envelope.seal(payload, [Signature(key.keyid, key.sign(message)) for key in keys])


ENTRY = _signed(PAYLOAD, ACTOR, OTHER)


def test_the_signing_input_is_that_of_dsse() -> None:
    assert envelope.pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


@given(st.text(max_size=20), st.binary(max_size=20), st.text(max_size=20), st.binary(max_size=20))
def test_no_two_messages_have_the_same_signing_input(type_a: str, a: bytes, type_b: str, b: bytes) -> None:
    assert ((type_a, a) == (type_b, b)) == (envelope.pae(type_a, a) == envelope.pae(type_b, b))


def test_an_entry_opens_as_it_was_sealed() -> None:
    opened = envelope.parse_entry(ENTRY)
    assert (opened.payload_type, opened.payload) == (RECORD_PAYLOAD_TYPE, PAYLOAD)
    assert [one.keyid for one in opened.signatures] == [ACTOR.keyid, OTHER.keyid]
    envelope.verify_signatures(opened, SPKI)
    assert envelope.seal(opened.payload, opened.signatures) == ENTRY


def test_every_listed_signature_must_verify() -> None:
    good = envelope.parse_entry(ENTRY).signatures
    forged = Signature(OTHER.keyid, OTHER.sign(b"something else"))
    entry = envelope.parse_entry(envelope.seal(PAYLOAD, [good[0], forged]))
    with pytest.raises(SignatureError):
        envelope.verify_signatures(entry, SPKI)


def test_a_signature_of_an_unknown_or_exchanged_key_is_refused() -> None:
    opened = envelope.parse_entry(ENTRY)
    with pytest.raises(SignatureError, match="not known"):
        envelope.verify_signatures(opened, {ACTOR.keyid: ACTOR.spki})
    with pytest.raises(SignatureError, match="another key"):
        envelope.verify_signatures(opened, SPKI | {OTHER.keyid: ACTOR.spki})


def test_a_map_head_signature_does_not_fit_a_record_with_the_same_bytes() -> None:
    sig = ACTOR.sign(envelope.pae(MAP_HEAD_PAYLOAD_TYPE, PAYLOAD))
    entry = envelope.seal(PAYLOAD, [Signature(ACTOR.keyid, sig)])
    with pytest.raises(SignatureError):
        envelope.verify_signatures(envelope.parse_entry(entry), SPKI)


@given(st.integers(0, len(ENTRY) - 1), st.integers(1, 255))
def test_no_entry_with_one_changed_byte_verifies(place: int, change: int) -> None:
    changed = bytearray(ENTRY)
    changed[place] ^= change
    with pytest.raises(ProofError):
        envelope.verify_signatures(envelope.parse_entry(bytes(changed)), SPKI)


_PARTS: dict[str, canonical.JSON] = {
    "payload": digests.b64(PAYLOAD),
    "payloadType": RECORD_PAYLOAD_TYPE,
    "signatures": [{"keyid": ACTOR.keyid, "sig": "AAAA"}],
}
_SIGNATURE = {"keyid": ACTOR.keyid, "sig": "AAAA"}


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1},
        {"payload": "QR=="},
        {"payload": 7},
        {"payload": digests.b64(bytes(MAX_PAYLOAD + 1))},
        {"payloadType": "application/vnd.in-toto+json"},
        {"payloadType": 1},
        {"signatures": []},
        {"signatures": "none"},
        {"signatures": [_SIGNATURE, _SIGNATURE]},
        {"signatures": [{"keyid": ACTOR.keyid}]},
        {"signatures": [_SIGNATURE | {"sig": ""}]},
        {"signatures": [_SIGNATURE | {"sig": "AAA"}]},
        {"signatures": [_SIGNATURE | {"keyid": "x"}]},
        {"signatures": [_SIGNATURE | {"clientDataJSON": "AAAA"}]},
        {"signatures": [{"keyid": digests.keyid(b"%d" % n), "sig": "AAAA"} for n in range(9)]},
    ],
)
def test_entries_of_another_form_are_refused(change: dict[str, canonical.JSON]) -> None:
    envelope.parse_entry(canonical.dumps(_PARTS))
    with pytest.raises(MalformedError):
        envelope.parse_entry(canonical.dumps(_PARTS | change))


def test_an_entry_too_large_for_an_entry_bundle_is_refused() -> None:
    with pytest.raises(MalformedError, match="larger"):
        envelope.parse_entry(b" " * (MAX_ENTRY + 1))
    with pytest.raises(MalformedError):
        envelope.parse_entry(b"[]")
    with pytest.raises(MalformedError):
        envelope.seal(PAYLOAD, [])
