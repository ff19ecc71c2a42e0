"""Check the seal of a PDF report: one signature over every byte of the file but its own hexadecimal digits.

Reads the byte range, takes the CMS message out of its place and has it checked (cms.py, cms_chain.py). That
the report is unchanged since it was sealed is all that a seal says; what happened to the evidence is proven
by the bundle.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509

from . import cms, cms_chain, cms_signature, der, timestamp
from .errors import MalformedError, SignatureError
from .findings import FindingCode, FoundError
from .timestamp import TimeStamp

_BYTE_RANGE = re.compile(
    rb"/ByteRange[ \t\r\n\f\0]*\[[ \t\r\n\f\0]*([0-9]{1,12})[ \t\r\n\f\0]+([0-9]{1,12})[ \t\r\n\f\0]+"
    rb"([0-9]{1,12})[ \t\r\n\f\0]+([0-9]{1,12})[ \t\r\n\f\0]*\]"
)
# One case throughout: a digit whose case was changed would be a changed byte that changes nothing.
_DIGITS = re.compile(rb"<((?:[0-9a-f]{2})+|(?:[0-9A-F]{2})+)>")
# Signing software reserves 8 to 32 kB for a seal without time stamps.
MAX_CMS = 64 * 1024


@dataclass(frozen=True)
class Seal:
    """A seal that holds: the certificates from the signer upwards, and whether one of them is pinned.

    The stamp says when the seal was there already; whether its authority is pinned is for the reader to ask.
    """

    chain: tuple[x509.Certificate, ...]
    pinned: bool
    stamp: TimeStamp | None


def check(pdf: bytes, pins: Sequence[str]) -> Seal:
    """Return the seal. Raises FoundError with the code of what is wrong with it."""
    start, end = gap(pdf)
    message = message_in(pdf[start:end])
    view = memoryview(pdf)
    try:
        signer, signed = cms.check(message, (view[:start], view[end:]))
        chain = cms_chain.walk(signer, signed.certificates)
        if pins:
            cms_chain.check_pinned(chain, pins)
    except MalformedError as error:
        raise FoundError(FindingCode.SEAL_MALFORMED, str(error)) from error
    except cms.DigestError as error:
        raise FoundError(FindingCode.SEAL_DIGEST, str(error)) from error
    except cms.CertificateError as error:
        raise FoundError(FindingCode.SEAL_CERTIFICATE, str(error)) from error
    except SignatureError as error:
        raise FoundError(FindingCode.SEAL_SIGNATURE, str(error)) from error
    return Seal(chain, bool(pins), _stamp(signed.stamp, signed.signer.signature))


def _stamp(token: bytes | None, signature: bytes) -> TimeStamp | None:
    """Check the time stamp on the seal, with the one certificate in it, so that no byte of it is left unchecked."""
    if token is None:
        return None
    try:
        signed = timestamp.parse(token)
        if len(signed.certificates) != 1:
            raise MalformedError("It does not carry exactly one certificate.")
        if cms_signature.algorithm_of(signed.signer) == cms_signature.BARE_RSA:
            raise MalformedError("It does not name its signature algorithm in full.")
        return timestamp.check(token, signature, [hashlib.sha256(signed.certificates[0].raw).hexdigest()])
    except (MalformedError, SignatureError, timestamp.NotPinnedError) as error:
        raise FoundError(FindingCode.SEAL_STAMP, f"The time stamp on the seal is broken: {error}") from error


def gap(pdf: bytes) -> tuple[int, int]:
    """Find the only part of the file that the seal does not cover."""
    ranges = [tuple(int(number) for number in match.groups()) for match in _BYTE_RANGE.finditer(pdf)]
    if not ranges:
        raise FoundError(FindingCode.SEAL_MISSING, "The PDF carries no seal.")
    # Words in the report may look like a byte range; the seal is the one that reaches from first byte to
    # last.
    whole = {(b, c) for a, b, c, d in ranges if a == 0 and b < c and c + d == len(pdf)}
    if len(whole) != 1:
        raise FoundError(
            FindingCode.SEAL_RANGE,
            "The seal does not cover the whole file: something was added to it or cut off after sealing.",
        )
    return whole.pop()


def message_in(gap: bytes) -> bytes:
    """Read the CMS message from the gap; what is left of the reserved space must be zeros."""
    digits = _DIGITS.fullmatch(gap)
    if digits is None or len(gap) > 2 * MAX_CMS + 2:
        raise FoundError(FindingCode.SEAL_RANGE, "The part that the seal leaves out is not the seal itself.")
    reserved = bytes.fromhex(digits[1].decode())
    try:
        message = der.read_first(reserved).raw
    except MalformedError as error:
        raise FoundError(FindingCode.SEAL_MALFORMED, str(error)) from error
    if any(reserved[len(message) :]):
        raise FoundError(FindingCode.SEAL_MALFORMED, "Something is hidden behind the seal.")
    return message
