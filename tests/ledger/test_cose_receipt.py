"""A receipt in the form of RFC 9942, read by somebody who knows COSE and RFC 9162 and nothing of us."""

from __future__ import annotations

import cbor2
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from custody.ledger import keys, publish
from custody.ledger.cose_receipt import cose_receipt
from custody.ledger.models import Entry
from custody.proof.merkle import verify_inclusion
from tests.cast import Cast


def opened(receipt: bytes, leaf: bytes, root: bytes) -> tuple[int, int]:
    """Check a receipt as RFC 9942 says; return the tree's size and the place of the leaf."""
    message = cbor2.loads(receipt)
    assert message.tag == 18
    protected, unprotected, payload, signature = message.value
    assert cbor2.loads(protected) == {1: -8, 395: 1}
    assert payload is None
    [proof] = unprotected[396][-1]
    size, index, path = cbor2.loads(proof)
    verify_inclusion(leaf, index, size, path, root)
    key = Ed25519PublicKey.from_public_bytes(keys.note_signer().public.public)
    key.verify(signature, cbor2.dumps(["Signature1", protected, b"", root]))
    return size, index


def test_every_published_entry_has_a_cose_receipt_that_verifies(cast: Cast) -> None:
    cast.take_in(cast.add_authority(cast.open_case()))
    assert cose_receipt(Entry.objects.count() - 1) is None, "not published yet"
    publish.publish(cast.now())
    checkpoint = publish.newest()
    assert checkpoint is not None
    for entry in Entry.objects.filter(seq__lt=checkpoint.size):
        receipt = cose_receipt(entry.seq)
        assert receipt is not None
        found = opened(receipt, bytes(entry.leaf_hash), bytes(checkpoint.root))
        assert found == (checkpoint.size, entry.seq)


def test_a_receipt_is_of_one_entry_and_one_root(cast: Cast) -> None:
    publish.publish(cast.now())
    checkpoint = publish.newest()
    assert checkpoint is not None
    receipt = cose_receipt(1)
    assert receipt is not None
    root, other = bytes(checkpoint.root), bytes(Entry.objects.get(pk=2).leaf_hash)
    with pytest.raises(Exception, match="not the one the log has"):
        opened(receipt, other, root)
    message = cbor2.loads(receipt)
    key = Ed25519PublicKey.from_public_bytes(keys.note_signer().public.public)
    with pytest.raises(InvalidSignature):
        key.verify(message.value[3], cbor2.dumps(["Signature1", message.value[0], b"", bytes(32)]))
