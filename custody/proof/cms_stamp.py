"""Put a time stamp on the signature of a CMS message (RFC 3161, appendix A; PAdES B-T), and find it again.

The stamp is an unsigned attribute: it was made after the signature, over its value. What it is worth,
timestamp.py says.
"""

from . import cms_message, der
from .errors import MalformedError

_TIME_STAMP_TOKEN = bytes.fromhex("2a864886f70d010910020e")


def token_of(unsigned: der.Element | None) -> bytes | None:
    """Return the token, if there is one. Raises MalformedError if there is anything but one."""
    if unsigned is None:
        return None
    attributes = cms_message.read_attributes(unsigned)
    if attributes.keys() != {_TIME_STAMP_TOKEN}:
        raise MalformedError("The seal has unsigned attributes other than one time stamp.")
    return attributes[_TIME_STAMP_TOKEN].raw


def stamped(message: bytes, token: bytes) -> bytes:
    """Return the message with the token on the signature of its one signer, who has none yet."""
    name, content = der.read(message).children()
    *head, signers = content.only_child("signed data").children()
    signer = signers.only_child("signers")
    attribute = der.write(der.SEQUENCE, der.write(der.OID, _TIME_STAMP_TOKEN), der.write(der.SET, token))
    whole = der.write(der.SEQUENCE, signer.content, der.write(der.context(1), attribute))
    data = der.write(der.SEQUENCE, *(part.raw for part in head), der.write(der.SET, whole))
    return der.write(der.SEQUENCE, name.raw, der.write(der.context(0), data))
