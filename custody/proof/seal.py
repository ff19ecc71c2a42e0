"""Check the seal of a PDF report: one signature over every byte of the file but its own hexadecimal digits.

Reads the byte range, takes the CMS message out of its place and has it checked (cms.py, cms_chain.py). That
the report is unchanged since it was sealed is all that a seal says; what happened to the evidence is proven
by the bundle.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509

from . import cms, cms_chain, der
from .errors import MalformedError, SignatureError
from .findings import FindingCode, FoundError

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
    """A seal that holds: the certificates from the signer upwards, and whether one of them is pinned."""

    chain: tuple[x509.Certificate, ...]
    pinned: bool


def check(pdf: bytes, pins: Sequence[str]) -> Seal:
    """Return the seal. Raises FoundError with the code of what is wrong with it."""
    start, end = _gap(pdf)
    message = _message(pdf[start:end])
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
    return Seal(chain, pinned=bool(pins))


def _gap(pdf: bytes) -> tuple[int, int]:
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


def _message(gap: bytes) -> bytes:
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
