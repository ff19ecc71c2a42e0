"""Write a request for a time stamp, read the answer (RFC 3161, 2.4), tidy its token; nothing is sent here.

What comes out of an answer is a token that nobody has checked; timestamp.py does.
"""

from collections.abc import Sequence

from . import cms_message, cms_signature, der, digests
from .errors import MalformedError, PolicyError

REQUEST_TYPE = "application/timestamp-query"
ANSWER_TYPE = "application/timestamp-reply"
# A token of an authority with a long chain of RSA certificates has 10 kB.
MAX_ANSWER = 64 * 1024

_SHA256 = bytes.fromhex("608648016503040201")
_GRANTED = (0, 1)  # granted, granted with modifications
_SIGNER_PARTS = 6  # version, name, digest, signed attributes, algorithm, signature


def request(message: bytes, nonce: int) -> bytes:
    """Ask for a token over the SHA-256 of the message, with the authority's certificate inside."""
    algorithm = der.write(der.SEQUENCE, der.write(der.OID, _SHA256), der.write(der.NULL))
    imprint = der.write(der.SEQUENCE, algorithm, der.write(der.OCTET_STRING, digests.sha256(message)))
    certificate_wanted = der.write(der.BOOLEAN, b"\xff")
    return der.write(
        der.SEQUENCE, der.write_integer(1), imprint, der.write_integer(nonce), certificate_wanted
    )


def token_of(answer: bytes) -> bytes:
    """Take the token out of an answer. Raises PolicyError if the authority refused."""
    if len(answer) > MAX_ANSWER:
        raise MalformedError(f"The answer of the authority is larger than {MAX_ANSWER} bytes.")
    parts = der.Parts(der.read(answer), "answer of the authority")
    status = der.Parts(parts.take(der.SEQUENCE, "status"), "status")
    code = der.small_integer(status.take(der.INTEGER, "status"), "status")
    if code not in _GRANTED:
        raise PolicyError(f"The authority refused to stamp (status {code}).")
    token = parts.take(der.SEQUENCE, "token").raw
    parts.end()
    return token


def trimmed(token: bytes, pins: Sequence[str]) -> bytes:
    """Drop from a token what its signature does not cover and its reader ignores, so that it fits a record.

    Of the certificates only the pinned ones stay; revocation lists and unsigned attributes go. A signature
    algorithm that is only called RSA is named in full: one spelling is enough (trap 8 of the format).
    """
    info = der.Parts(der.read(token), "token")
    name = info.take(der.OID, "content type")
    body = der.Parts(info.take(der.context(0), "signed data").only_child("signed data"), "signed data")
    info.end()
    head = [body.take(tag, "signed data").raw for tag in (der.INTEGER, der.SET, der.SEQUENCE)]
    embedded = body.take_if(der.context(0))
    kept = [
        one.raw for one in (embedded.children() if embedded else ()) if digests.sha256(one.raw).hex() in pins
    ]
    body.take_if(der.context(1))
    signers = [_signed_part(one) for one in body.take(der.SET, "signers").children()]
    body.end()
    data = der.write(der.SEQUENCE, *head, der.write(der.context(0), *kept), der.write(der.SET, *signers))
    return der.write(der.SEQUENCE, name.raw, der.write(der.context(0), data))


def _signed_part(signer: der.Element) -> bytes:
    parts = [one for one in signer.expect(der.SEQUENCE, "signer").children() if one.tag != der.context(1)]
    if len(parts) != _SIGNER_PARTS:
        raise MalformedError("A signer of the token does not have the parts it needs.")
    *head, digest, attributes, algorithm, signature = parts
    in_full = cms_signature.in_full(algorithm, cms_message.read_digest(digest))
    return der.write(
        der.SEQUENCE, *(one.raw for one in head), digest.raw, attributes.raw, in_full, signature.raw
    )
