"""Write a receipt as COSE (RFC 9942, tree algorithm RFC9162_SHA256), for systems that read SCITT receipts.

An export of the same tree: our own verifiers do not need it. The log's key signs the root anew, as a detached
payload in a Sig_structure, which no note or envelope can be mistaken for.

    COSE_Sign1 = 18([ {1: alg, 395: 1}, {396: {-1: [ [tree size, leaf index, [path ...]] ]}}, null, signature ])
"""

from __future__ import annotations

import cbor2
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from custody.ledger import cosigning, keys
from custody.ledger.tree import block_reader
from custody.proof import merkle
from custody.proof.signatures import Algorithm

_ALG, _VDS, _VDP = 1, 395, 396  # RFC 9052, section 3.1; RFC 9942
_RFC9162_SHA256, _INCLUSION = 1, -1
_SIGN1_TAG = 18
_COSE_ALGORITHM = {Algorithm.ED25519: -8, Algorithm.ES256: -7}
_COORDINATE = 32


def cose_receipt(index: int) -> bytes | None:
    """Return the receipt of an entry under the newest head that may be given out; None before it is."""
    checkpoint = cosigning.released()
    if checkpoint is None or index >= checkpoint.size:
        return None
    path = [*merkle.inclusion_proof(index, checkpoint.size, block_reader())]
    key = keys.log_key()
    protected = cbor2.dumps({_ALG: _COSE_ALGORITHM[key.alg], _VDS: _RFC9162_SHA256})
    unprotected = {_VDP: {_INCLUSION: [cbor2.dumps([checkpoint.size, index, path])]}}
    signature = _raw(key.alg, key.sign(signing_input(protected, bytes(checkpoint.root))))
    return cbor2.dumps(cbor2.CBORTag(_SIGN1_TAG, [protected, unprotected, None, signature]))


def signing_input(protected: bytes, root: bytes) -> bytes:
    """Return the Sig_structure of RFC 9052, section 4.4, over the root as detached payload."""
    return cbor2.dumps(["Signature1", protected, b"", root])


def _raw(alg: Algorithm, signature: bytes) -> bytes:
    """Give the form that COSE wants: r and s of ECDSA one after the other instead of DER."""
    if alg is not Algorithm.ES256:
        return signature
    return b"".join(part.to_bytes(_COORDINATE, "big") for part in decode_dss_signature(signature))
