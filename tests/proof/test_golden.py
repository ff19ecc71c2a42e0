"""The frozen bytes. If a test here fails, every old report breaks: change the version of the format instead.

The values are computed a second time from the text of the format, with hashlib and json only: a mistake made
before the freeze should not be frozen unseen.
"""

import base64
import hashlib
import json
from typing import Any
from uuid import UUID

import pytest

from custody.proof import digests, envelope, merkle, policy, prefix_map, records
from custody.proof.errors import PolicyError
from custody.proof.prefix_map import Leaf, MapProof
from custody.proof.records import RecordType
from tests.vectors import make


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _unb64(text: str) -> bytes:
    return base64.b64decode(text)


@pytest.mark.parametrize("name", sorted(make.vectors()))
def test_what_is_made_today_is_what_was_frozen(name: str) -> None:
    assert make.vectors()[name] == make.frozen(name)


def test_every_record_type_is_frozen_and_is_read() -> None:
    frozen = make.frozen("records.json")
    assert list(frozen) == [str(one) for one in RecordType]
    for name, vector in frozen.items():
        payload = vector["payload"].encode()
        assert _sha256(payload).hex() == vector["sha256"]
        record = records.parse(payload)
        assert (record.type, record.log, record.time) == (name, make.LOG, make.TIME)
        if record.subjects:
            assert (record.case, [one.item for one in record.subjects]) == (make.CASE, [make.ITEM, make.BOX])


def test_the_frozen_commitment_is_the_one_of_the_format() -> None:
    vector = make.frozen("commitment.json")
    # JCS by hand: sorted names, no spaces, no needless escapes.
    value = '{"count":3,"exhibit":"A-1","sealed":true,"words":["a phone","№ 7","\\u0000\\n€😀"]}'
    assert json.loads(value) == vector["value"]
    field = _sha256(vector["field"].encode())
    made = _sha256(b"custody-commit/v1\n" + _unb64(vector["salt"]) + field + value.encode())
    assert made == _unb64(vector["commitment"])
    opening = records.Opening(vector["field"], _unb64(vector["salt"]), vector["value"])
    assert opening.commitment() == made


def test_the_frozen_key_ids_are_those_of_the_format() -> None:
    for vector in make.frozen("keyids.json"):
        hashed = base64.urlsafe_b64encode(_sha256(_unb64(vector["spki"]))).decode().rstrip("=")
        assert hashed == vector["keyid"] == digests.keyid(_unb64(vector["spki"]))


def test_the_frozen_entries_verify_and_are_sealed_again_alike() -> None:
    for vector in make.frozen("entries.json"):
        entry = vector["entry"].encode()
        parts = json.loads(entry)
        kind, payload = parts["payloadType"].encode(), _unb64(parts["payload"])
        signed = b" ".join([b"DSSEv1", str(len(kind)).encode(), kind, str(len(payload)).encode(), payload])
        assert signed == _unb64(vector["signing_input"])
        assert _sha256(b"\x00" + entry) == _unb64(vector["leaf"]) == digests.leaf_hash(entry)
        opened = envelope.parse_entry(entry)
        assert opened.signed_bytes() == signed
        envelope.verify_signatures(opened, {keyid: _unb64(spki) for keyid, spki in vector["keys"].items()})
        assert envelope.seal(opened.payload, opened.signatures, opened.payload_type) == entry


def _definition_of_acc(indices: list[int]) -> bytes:
    acc = bytes(32)
    for index in indices:
        acc = _sha256(b"\x12" + acc + index.to_bytes(8, "big"))
    return acc


def _climb(vector: dict[str, Any]) -> bytes:
    """Compute the root from a map proof by the text of the format."""
    leaf, node = vector["terminal"], bytes(32)
    if leaf:
        node = _sha256(b"\x10" + _unb64(leaf["key"]) + leaf["count"].to_bytes(8, "big") + _unb64(leaf["acc"]))
    bits = "".join(f"{byte:08b}" for byte in _unb64(vector["mapkey"]))
    siblings = [_unb64(one) for one in vector["siblings"]]
    for depth in reversed(range(len(siblings))):
        pair = (node, siblings[depth]) if bits[depth] == "0" else (siblings[depth], node)
        node = _sha256(b"\x11" + b"".join(pair))
    return node


def test_the_frozen_map_proofs_lead_to_the_frozen_root() -> None:
    frozen = make.frozen("map_proofs.json")
    root, acc = _unb64(frozen["root"]), _definition_of_acc(frozen["indices"])
    assert [vector["count"] for vector in frozen["proofs"]] == [3, 3, 3, 3, 0]
    for vector in frozen["proofs"]:
        key = _sha256(b"custody-map/v1\n" + vector["ns"].encode() + b"\n" + vector["id"].encode())
        assert key == _unb64(vector["mapkey"]) == prefix_map.mapkey(vector["ns"], vector["id"])
        assert _climb(vector) == root
        leaf = vector["terminal"]
        terminal = Leaf(_unb64(leaf["key"]), leaf["count"], _unb64(leaf["acc"])) if leaf else None
        proof = MapProof(tuple(_unb64(one) for one in vector["siblings"]), terminal)
        wanted = (3, acc) if vector["count"] else (0, bytes(32))
        assert prefix_map.verify_proof(key, proof, root) == wanted


def test_the_frozen_checkpoint_is_accepted_by_the_frozen_policy() -> None:
    frozen = make.frozen("checkpoint.json")
    pinned = policy.parse_policy(frozen["policy"])
    head = policy.verify_checkpoint(frozen["note"], pinned)
    leaves = [_unb64(leaf) for leaf in frozen["leaves"]]
    assert (head.origin, head.size, head.root) == (make.LOG, 11, merkle.root(leaves))
    assert pinned.genesis == leaves[0]
    assert [key.vkey for key in pinned.logs] == [frozen["vkey"]]
    inclusion = [_unb64(one) for one in frozen["inclusion_of_6"]]
    merkle.verify_inclusion(leaves[6], 6, 11, inclusion, head.root)
    consistency = [_unb64(one) for one in frozen["consistency_from_6"]]
    merkle.verify_consistency(6, _unb64(frozen["root_at_6"]), 11, head.root, consistency)


def test_the_frozen_cosignatures_are_those_of_the_format() -> None:
    """The line of ML-DSA-44 was made once, by another run of another process."""
    frozen = make.frozen("cosignatures.json")
    time = frozen["time"]
    line = (make.FOLDER / "ml_dsa_44_cosignature.txt").read_text("utf-8")
    text = frozen["note"].partition("\n\n")[0] + "\n"
    origin, size, root = text.splitlines()
    assert bytes.fromhex(frozen["ed25519_message"]) == f"cosignature/v1\ntime {time}\n{text}".encode()
    name = bytes([len(origin)]) + origin.encode()
    numbers = bytes(8) + int(size).to_bytes(8, "big")
    structure = b"subtree/v1\n\0" + name + time.to_bytes(8, "big") + name + numbers + _unb64(root)
    assert bytes.fromhex(frozen["ml_dsa_44_message"]) == structure
    for vkey, type_byte, length in zip(frozen["vkeys"], (1, 2, 4, 6), (32, 91, 32, 1312), strict=True):
        name_, hashed, material = vkey.split("+", 2)
        key = _unb64(material)
        assert (key[0], len(key)) == (type_byte, 1 + length)
        over = key[1:] if type_byte == 2 else name_.encode() + b"\n" + key
        assert _sha256(over)[:4].hex() == hashed
    pinned = policy.parse_policy(frozen["policy"])
    assert policy.verify_checkpoint(frozen["note"] + line, pinned).size == int(size)
    with pytest.raises(PolicyError):
        policy.verify_checkpoint(frozen["note"], pinned)


def test_the_frozen_records_name_random_uuids_only() -> None:
    assert all(UUID(str(one)).version == 4 for one in (make.CASE, make.ITEM, make.BOX, make.PERSON))
