"""The JavaScript verifier against vectors that nobody on this project wrote, and against the reference libraries.

check_vectors.mjs runs each case through the verifier's own modules and answers accepted or refused.
"""

import base64
import gzip
import hashlib
import json
import random
import subprocess
import zlib
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import mldsa

from custody.proof import canonical
from custody.proof.errors import MalformedError
from tests import corpus
from tests.proof_html.other import ROOT, node

SCRIPT = Path(__file__).with_name("check_vectors.mjs")


def accepted(cases: list[dict[str, Any]]) -> list[Any]:
    """Give the answer to each case: true or false, or a value that was computed."""
    lines = "\n".join(json.dumps(case) for case in cases)
    done = subprocess.run(
        [node(), str(SCRIPT)], input=lines, capture_output=True, text=True, check=True, cwd=ROOT, timeout=300
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(cases), done.stderr
    return answers


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.mark.parametrize(("kind", "count"), [("inclusion", 65), ("consistency", 57)])
def test_merkle_proofs_of_the_transparency_project(kind: str, count: int) -> None:
    files = corpus.files(f"vectors/merkle/{kind}/**/*.json")
    cases = [json.loads(path.read_bytes()) for path in files]
    for case in cases:
        if case["wantErr"] is False and "root1" in case and len(base64.b64decode(case["root1"])) != 32:
            # One vector has words in the place of its roots, for readers that do not look at their length.
            for name in ("root1", "root2"):
                case[name] = _b64(hashlib.sha256(base64.b64decode(case[name])).digest())
    # As texts, because JSON in JavaScript cannot hold the largest sizes.
    sizes = ("leafIdx", "treeSize", "size1", "size2")
    asked = [
        {**case, **{name: str(case[name]) for name in sizes if name in case}, "kind": kind} for case in cases
    ]
    answers = accepted(asked)
    assert answers == [not case["wantErr"] for case in cases]
    assert len(cases) == count


def _wycheproof(name: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(
        gzip.decompress(corpus.path(f"vectors/wycheproof/{name}.json.gz").read_bytes())
    )
    return value


@pytest.mark.parametrize(
    ("name", "member"), [("ed25519_test", "publicKeyDer"), ("ecdsa_secp256r1_sha256_test", "publicKeyDer")]
)
def test_signatures_of_project_wycheproof(name: str, member: str) -> None:
    groups = _wycheproof(name)["testGroups"]
    cases, wanted = [], []
    for group in groups:
        for test in group["tests"]:
            cases.append({"kind": "signature", "spki": group[member], "sig": test["sig"], "msg": test["msg"]})
            wanted.append(test["result"] == "valid")
    answers = accepted(cases)
    wrong = [case for case, answer, want in zip(cases, answers, wanted, strict=True) if answer != want]
    assert not wrong, wrong[:3]
    assert len(cases) > 140


def test_canonical_json_of_the_rfc_author() -> None:
    """Those of the six pairs that the narrow profile admits are written byte for byte; the others are refused."""
    pairs = {path.name: path for path in corpus.files("vectors/jcs/input/*.json")}
    outputs = {name: corpus.path(f"vectors/jcs/output/{name}").read_bytes() for name in pairs}
    answers = accepted([{"kind": "jcs", "text": _b64(outputs[name])} for name in pairs])
    accepts = {name for name, answer in zip(pairs, answers, strict=True) if answer}

    def reference(data: bytes) -> bool:
        try:
            canonical.loads(data)
        except MalformedError:
            return False
        return True

    assert accepts == {name for name, data in outputs.items() if reference(data)}
    assert accepts


def test_checkpoints_of_a_log_that_others_run() -> None:
    vkey = corpus.path("vectors/tlog-tiles/vkey.txt").read_text("utf-8").strip()
    notes = [path.read_bytes() for path in corpus.files("vectors/tlog-tiles/checkpoint*")]
    cases = [{"kind": "checkpoint", "note": _b64(note), "vkey": vkey} for note in notes]
    broken = [
        {**case, "note": _b64(note.replace(b"\n", b"\n0", 1))}
        for case, note in zip(cases, notes, strict=True)
    ]
    assert accepted(cases) == [True] * len(cases)
    assert accepted(broken) == [False] * len(cases)


def test_the_note_of_the_c2sp_specification() -> None:
    example = json.loads(corpus.path("vectors/note/peter-neumann.json").read_bytes())
    note, vkey = example["signed"], example["vkey"]
    other = note.replace("answer", "question", 1)
    answers = accepted([{"kind": "note", "note": _b64(one.encode()), "vkey": vkey} for one in (note, other)])
    assert answers == [True, False]


def test_sha256_of_every_length_and_in_every_cut() -> None:
    chance = random.Random(256)
    data = [chance.randbytes(size) for size in [*range(200), 1000, 65_537, 1_000_003]]
    answers = accepted(
        [{"kind": "sha256", "data": _b64(one), "cut": chance.randrange(1, 130)} for one in data]
    )
    assert answers == [hashlib.sha256(one).hexdigest() for one in data]


def test_inflate_reads_what_zlib_writes_and_refuses_what_zlib_refuses() -> None:
    chance = random.Random(1950)
    texts = [
        chance.randbytes(5000),
        b"",
        b"a",
        b"abc" * 30_000,
        bytes(chance.choices(b"abcdefgh ", k=40_000)),
        json.dumps(list(range(3000))).encode(),
    ]
    packed = [zlib.compress(text, level) for text in texts for level in (0, 1, 6, 9)]
    compressor = zlib.compressobj(6, zlib.DEFLATED, 15, 8, zlib.Z_FIXED)
    packed.append(compressor.compress(texts[4]) + compressor.flush())
    cases = [*packed]
    for one in packed:
        for _ in range(60):
            place = chance.randrange(len(one))
            cases.append(one[:place] + bytes([one[place] ^ (1 << chance.randrange(8))]) + one[place + 1 :])
        cases += [one[: chance.randrange(len(one))], one + b"more"]
    answers = accepted([{"kind": "inflate", "data": _b64(case)} for case in cases])
    for case, answer in zip(cases, answers, strict=True):
        assert answer == _reference_inflate(case), case[:60].hex()


def _reference_inflate(packed: bytes) -> list[Any] | None:
    inflater = zlib.decompressobj()
    try:
        data = inflater.decompress(packed)
    except zlib.error:
        return None
    if not inflater.eof:
        return None
    return [hashlib.sha256(data).hexdigest(), len(packed) - len(inflater.unused_data)]


def test_post_quantum_signatures_like_the_reference_library() -> None:
    """Honest ones, changed ones, and hints in a second spelling, which would let a signature be changed."""
    chance = random.Random(204)
    cases, wanted = [], []
    for number in range(12):
        key = mldsa.MLDSA44PrivateKey.generate()
        message = chance.randbytes(number * 30)
        honest = key.sign(message)
        for kind in range(8):
            sig = bytearray(honest)
            if kind in (1, 2, 3):
                sig[chance.choice([chance.randrange(32), chance.randrange(32, 2336)])] ^= (
                    1 << chance.randrange(8)
                )
            elif kind in (4, 5):
                sig[-chance.randrange(1, 85)] ^= 1 << chance.randrange(8)
            elif kind == 6:
                used = sig[-1]  # how many hints there are; the rest of their places must be zero
                sig[-84 + used if used < 80 else -5] = 7
            elif kind == 7:
                sig = sig[:-1] if number % 2 else sig + b"\0"
            cases.append({"kind": "ml-dsa", "key": key.public_key(), "sig": bytes(sig), "msg": message})
            wanted.append(_holds(key.public_key(), bytes(sig), message))
    asked = [
        {
            "kind": "ml-dsa",
            "key": _b64(case["key"].public_bytes_raw()),
            "sig": _b64(case["sig"]),
            "msg": _b64(case["msg"]),
        }
        for case in cases
    ]
    assert accepted(asked) == wanted
    assert sum(wanted) >= 12


def _holds(key: mldsa.MLDSA44PublicKey, sig: bytes, message: bytes) -> bool:
    try:
        key.verify(sig, message)
    except InvalidSignature:
        return False
    return True
