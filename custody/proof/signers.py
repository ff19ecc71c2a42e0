"""Verify the signatures of a record, each in the way of its key's kind.

Software and service keys sign the signing input (PAE) itself. A passkey signs two messages that carry its
hash, and only on pages that the log has stated, in genesis or in the newest policy.update before the record.
Whether these are the right signers, at a place where they counted, is decided elsewhere (verify_records.py).
"""

from collections.abc import Sequence

from . import members, passkey, signatures
from .enrolment import EnrolledKey
from .envelope import Envelope, Signature
from .errors import MalformedError, SignatureError
from .keyring import Keyring
from .passkey import Flaw, PasskeyError, Site
from .records import KeyKind, Record, RecordType


class StatedSites:
    """The sites of passkeys that the log states, fed with its records in ascending order."""

    def __init__(self, pinned: Sequence[Site] = ()) -> None:
        """A reader's own policy may pin sites too; then only those count that both name."""
        self._pinned = pinned
        self._stated: tuple[Site, ...] = ()

    def at(self, record: Record) -> tuple[Site, ...]:
        """Give the sites that count for this record, and take in what it states for those behind it.

        Genesis counts for itself too: it is pinned as a whole, and nothing could come before it.
        """
        before = self._now()
        if record.type not in (RecordType.GENESIS, RecordType.POLICY_UPDATE):
            return before
        try:
            self._stated = passkey.sites_of(members.text(record.extra["policy"], "policy"))
        except MalformedError:
            self._stated = ()  # no passkey counts under a policy that cannot be read
        return self._now() if record.type is RecordType.GENESIS else before

    def _now(self) -> tuple[Site, ...]:
        return tuple(site for site in self._stated if not self._pinned or site in self._pinned)


def verify_signers(envelope: Envelope, keyring: Keyring, sites: Sequence[Site]) -> None:
    """Return if every listed signature verifies under the registered key of its key id.

    Raises SignatureError, also for a key that was never registered: a signature nobody can check is none.
    """
    for signature in envelope.signatures:
        history = keyring.find(signature.keyid)
        if history is None:
            raise SignatureError(f"The key {signature.keyid} is not known.")
        verify_one(history.key, signature, envelope.signed_bytes(), sites)


def verify_one(key: EnrolledKey, signature: Signature, message: bytes, sites: Sequence[Site]) -> None:
    """Return if the key made this signature over the message. Raises PasskeyError or SignatureError."""
    if key.kind is not KeyKind.WEBAUTHN or key.passkey is None:
        if signature.assertion is not None:
            raise PasskeyError(Flaw.FORM, f"The key {key.keyid} is no passkey, but signed as one.")
        signatures.verify(key.spki, signature.sig, message)
    elif signature.assertion is None:
        raise PasskeyError(Flaw.FORM, f"The passkey {key.keyid} signed without its two messages.")
    else:
        passkey.check(
            signature.assertion,
            signature.sig,
            spki=key.spki,
            message=message,
            sites=sites,
            backup_eligible=key.passkey.backup_eligible,
        )
