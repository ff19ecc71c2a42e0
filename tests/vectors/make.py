"""Make the golden vectors: the bytes that a court will check in thirty years.

    python -m tests.vectors.make            print nothing, exit 1 if a file differs from what is made now
    python -m tests.vectors.make --write    write the files that do not exist yet, never over an existing one

Everything here is fixed: keys, salts, nonces, times. If a file no longer fits, the format was changed: that
needs a new version of the format and an ADR, not a new file. keyfile.json is made by keyfile.mjs, in
WebCrypto; ml_dsa_44_cosignature.txt, which cannot be made twice alike, was made once for cosignatures.json.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from custody.proof import (
    checkpoint,
    digests,
    envelope,
    erasure,
    merkle,
    note_keys,
    policy,
    prefix_map,
    records,
)
from custody.proof.canonical import JSON
from custody.proof.enrolment import EnrolledKey
from custody.proof.prefix_map import Namespace
from custody.proof.records import KeyKind, RecordType, Role
from custody.proof.signatures import SigningKey

FOLDER = Path(__file__).parent
LOG = "evidence.example/log"
CASE = UUID("11111111-1111-4111-8111-111111111111")
ITEM = UUID("22222222-2222-4222-8222-222222222222")
BOX = UUID("33333333-3333-4333-8333-333333333333")
PERSON = UUID("44444444-4444-4444-8444-444444444444")
TIME = datetime(2026, 11, 21, 20, 53, 7, tzinfo=UTC)

LOG_KEY = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes(range(0, 32))))
ADMINISTRATOR = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64))))
EXAMINER = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes(range(64, 96))))
_P256 = ec.derive_private_key(0x756E62726F6B656E, ec.SECP256R1())
SUPERVISOR = SigningKey(_P256)
WITNESS = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes(range(96, 128))))
LOG_KEY_PQ = SigningKey(MLDSA44PrivateKey.from_seed_bytes(bytes(range(128, 160))))
WITNESSED = 1_795_294_387

ITEM_TYPES = tuple(one for one in RecordType if one not in records.ABOUT_THE_LOG)
OPENING = records.Opening(
    "description",
    bytes(range(100, 132)),
    {"exhibit": "A-1", "words": ["a phone", "№ 7", "\u0000\n\u20ac😀"], "count": 3, "sealed": True},
)


def enrolled(role: Role) -> dict[str, JSON]:
    """Give an enrolled key as a record spells it."""
    key = ADMINISTRATOR if role is Role.ADMINISTRATOR else EXAMINER
    return EnrolledKey(key.keyid, key.spki, key.alg, PERSON, frozenset({role}), KeyKind.SOFTWARE).to_json()


_EXTRA: dict[RecordType, dict[str, JSON]] = {
    RecordType.GENESIS: {"roots": [enrolled(Role.ADMINISTRATOR)], "policy": "quorum none\n"},
    RecordType.KEY_REGISTER: {"key": enrolled(Role.EXAMINER)},
    RecordType.KEY_REVOKE: {"key": {"keyid": EXAMINER.keyid}},
    RecordType.KEY_SUSPECT: {"key": {"keyid": EXAMINER.keyid, "since": "2026-11-20T00:00:00Z"}},
    RecordType.POLICY_UPDATE: {"policy": "quorum none\n"},
    RecordType.ANCHOR: {
        "token": digests.b64(b"a DER time stamp token"),
        "checkpoint": checkpoint.Checkpoint(LOG, 5, digests.sha256(b"root")).text(),
    },
    RecordType.ERASURE: {
        "openings": erasure.write_openings({2: ["description", "filename"]}),
        "erased": erasure.write_erased({3: [digests.sha256(b"a map key")], 7: []}),
    },
}


def example_record(record_type: RecordType) -> bytes:
    """Build one record of a type, with every member it can have."""
    number = list(RecordType).index(record_type)
    about_items = record_type in ITEM_TYPES
    subjects = [
        records.Subject(ITEM, 1, records.NO_ENTRY),
        records.Subject(BOX, 2 + number, digests.sha256(b"previous entry of the box")),
    ]
    genesis = record_type is RecordType.GENESIS
    return records.build(
        log=LOG,
        type=record_type,
        time=TIME,
        actor=(ADMINISTRATOR if genesis else EXAMINER).keyid,
        case=CASE if about_items else None,
        subjects=subjects if about_items else (),
        seen=records.NOTHING_SEEN if genesis else records.Seen(number + 1, digests.sha256(b"seen")),
        refs=[digests.sha256(b"an earlier entry")] if about_items else (),
        openings=[OPENING] if about_items else (),
        extra=_EXTRA.get(record_type),
        nonce=bytes(range(number, number + 16)),
    )


def _records() -> dict[str, Any]:
    return {
        str(one): {"payload": payload.decode(), "sha256": digests.sha256(payload).hex()}
        for one in RecordType
        for payload in [example_record(one)]
    }


def _commitment() -> dict[str, Any]:
    return {
        "field": OPENING.field,
        "salt": digests.b64(OPENING.salt),
        "value": OPENING.value,
        "commitment": digests.b64(OPENING.commitment()),
    }


def _keyids() -> list[dict[str, str]]:
    keys = (ADMINISTRATOR, SUPERVISOR)
    return [{"alg": str(key.alg), "spki": digests.b64(key.spki), "keyid": key.keyid} for key in keys]


def _entry(payload: bytes, payload_type: str, *signers: SigningKey) -> bytes:
    message = envelope.pae(payload_type, payload)
    made = [envelope.Signature(key.keyid, _sign(key, message)) for key in signers]
    return envelope.seal(payload, made, payload_type)


def _sign(key: SigningKey, message: bytes) -> bytes:
    """Sign reproducibly: Ed25519 always does, P-256 in the way of RFC 6979."""
    if key is SUPERVISOR:
        return _P256.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    return key.sign(message)


def _entries() -> list[dict[str, Any]]:
    made = [
        (records.RECORD_PAYLOAD_TYPE, example_record(RecordType.GENESIS), (ADMINISTRATOR,)),
        (records.RECORD_PAYLOAD_TYPE, example_record(RecordType.KEY_REGISTER), (ADMINISTRATOR, EXAMINER)),
        (records.RECORD_PAYLOAD_TYPE, example_record(RecordType.TRANSFER_APPROVE), (SUPERVISOR,)),
        (
            records.MAP_HEAD_PAYLOAD_TYPE,
            records.build_map_head(log=LOG, size=3, root=digests.sha256(b"map")),
            (LOG_KEY,),
        ),
    ]
    return [
        {
            "signing_input": digests.b64(envelope.pae(payload_type, payload)),
            "entry": entry.decode(),
            "leaf": digests.b64(digests.leaf_hash(entry)),
            "keys": {key.keyid: digests.b64(key.spki) for key in signers},
        }
        for payload_type, payload, signers in made
        for entry in [_entry(payload, payload_type, *signers)]
    ]


def _map_proofs() -> dict[str, Any]:
    built = prefix_map.PrefixMap()
    ids = {
        Namespace.ITEM: str(ITEM),
        Namespace.CASE: str(CASE),
        Namespace.KEYCTL: EXAMINER.keyid,
        Namespace.KEYUSE: EXAMINER.keyid,
    }
    built.add((prefix_map.mapkey(ns, id), index) for index in (1, 2, 5) for ns, id in ids.items())
    built.add((prefix_map.mapkey(Namespace.ITEM, f"filler {number}"), 6 + number) for number in range(20))
    wanted = [*ids.items(), (Namespace.ITEM, str(BOX))]  # the last one is not in the map
    return {
        "indices": [1, 2, 5],
        "root": digests.b64(built.root()),
        "proofs": [{"ns": str(ns), "id": id} | _proof(built, prefix_map.mapkey(ns, id)) for ns, id in wanted],
    }


def _proof(built: prefix_map.PrefixMap, key: bytes) -> dict[str, Any]:
    proof, leaf = built.prove(key), None
    if proof.terminal is not None:
        terminal = proof.terminal
        leaf = {"key": digests.b64(terminal.key), "count": terminal.count, "acc": digests.b64(terminal.acc)}
    count, _ = built.get(key)
    return {
        "mapkey": digests.b64(key),
        "siblings": [digests.b64(one) for one in proof.siblings],
        "terminal": leaf,
        "count": count,
    }


def _checkpoint() -> dict[str, Any]:
    leaves = [digests.leaf_hash(b"entry %d" % number) for number in range(11)]
    read = merkle.reader_of(leaves)
    signer = note_keys.NoteSigner(LOG, LOG_KEY)
    head = checkpoint.Checkpoint(LOG, len(leaves), merkle.root(leaves))
    pinned = policy.Policy((signer.public,), leaves[0], (digests.sha256(b"a certificate").hex(),))
    return {
        "vkey": signer.vkey,
        "policy": policy.format_policy(pinned),
        "note": note_keys.sign_note(head.text(), [signer]),
        "leaves": [digests.b64(leaf) for leaf in leaves],
        "inclusion_of_6": [digests.b64(one) for one in merkle.inclusion_proof(6, 11, read)],
        "consistency_from_6": [digests.b64(one) for one in merkle.consistency_proof(6, 11, read)],
        "root_at_6": digests.b64(merkle.root_at(6, read)),
    }


def _cosignatures() -> dict[str, Any]:
    """Give what cosigners sign; ML-DSA-44 signs at random, so its signature is frozen in a file of its own."""
    head = checkpoint.Checkpoint(LOG, 11, digests.sha256(b"root of eleven"))
    signer, fips = note_keys.NoteSigner(LOG, LOG_KEY), note_keys.NoteSigner(LOG, SUPERVISOR)
    own = note_keys.Cosigner(LOG, LOG_KEY_PQ)
    witness = note_keys.Cosigner("court.example/witness", WITNESS)
    line = witness.signature(head.text(), WITNESSED)
    pinned = policy.Policy(
        (signer.public,),
        witnesses=(
            policy.Witness("log-ml-dsa-44", own.public),
            policy.Witness("court", witness.public, "https://witness.court.example"),
        ),
        groups=(policy.Group("both", 2, ("log-ml-dsa-44", "court")),),
        quorum="both",
    )
    return {
        "time": WITNESSED,
        "policy": policy.format_policy(pinned),
        "vkeys": [signer.vkey, fips.vkey, witness.vkey, own.vkey],
        "ed25519_message": note_keys.cosigned(witness.public, head.text(), WITNESSED).hex(),
        "ml_dsa_44_message": note_keys.cosigned(own.public, head.text(), WITNESSED).hex(),
        "note": note_keys.add_signatures(note_keys.sign_note(head.text(), [signer]), [line]),
    }


def vectors() -> dict[str, Any]:
    """Make all golden vectors, by the name of their file."""
    return {
        "records.json": _records(),
        "commitment.json": _commitment(),
        "keyids.json": _keyids(),
        "entries.json": _entries(),
        "map_proofs.json": _map_proofs(),
        "checkpoint.json": _checkpoint(),
        "cosignatures.json": _cosignatures(),
    }


def frozen(name: str) -> Any:  # whatever JSON the file holds
    """Read one file as it was frozen."""
    return json.loads((FOLDER / name).read_bytes())


def main(arguments: list[str]) -> int:
    """Compare or write; return the exit code."""
    if arguments == ["--write"]:
        for name, value in vectors().items():
            if not (FOLDER / name).exists():
                (FOLDER / name).write_text(json.dumps(value, indent=1, ensure_ascii=True) + "\n")
    return int(any(frozen(name) != value for name, value in vectors().items()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
