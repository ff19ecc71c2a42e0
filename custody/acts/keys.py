"""Enrol and revoke signing keys. Both are records in the log, so nobody can enrol or revoke in secret."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from custody import access
from custody.accounts.models import KeyState, Person, SigningKey
from custody.accounts.roles import Role
from custody.acts.fields import MAX_TEXT, Fields
from custody.acts.plan import Plan, Result
from custody.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from custody.ledger.append import Appended
from custody.proof import digests, signatures
from custody.proof.errors import MalformedError
from custody.proof.records import RecordType

MAX_KEYS_WAITING = 5


def request(person: Person, params: dict[str, Any], now: datetime) -> SigningKey:
    """Keep the public half of a key that a person made, until an administrator enrols it.

    `wrapped` is the private key as only its holder's passphrase opens it; the server cannot.
    """
    fields = Fields(params)
    keyid = fields.text("keyid", "The key's id", most=43)
    spki_text = fields.text("spki", "The public key", most=400)
    label = fields.text("label", "The label", most=80, required=False)
    fields.done()
    try:
        spki = digests.unb64(spki_text)
        alg = signatures.algorithm_of(spki)
    except MalformedError as error:
        raise InvalidError(f"The public key cannot be read: {error}", fields={"spki": str(error)}) from error
    if digests.keyid(spki) != keyid:
        raise InvalidError(
            "The key's id is not the digest of the public key.", fields={"keyid": "Make the key again."}
        )
    if alg is signatures.Algorithm.RS256:
        text = "RSA keys are taken from passkeys only."
        raise InvalidError(text, fields={"spki": text})
    admit(person, keyid)
    return SigningKey.objects.create(
        keyid=keyid,
        person=person,
        alg=str(alg),
        spki=spki,
        label=label,
        wrapped=_wrapped(params.get("wrapped"), keyid),
        requested=now,
    )


def admit(person: Person, keyid: str) -> None:
    """Refuse a key that is known, and one more key of somebody whose keys nobody enrols."""
    if SigningKey.objects.filter(pk=keyid).exists():
        raise ConflictError("This key is known already.", code="key_known")
    if SigningKey.objects.filter(person=person, state=KeyState.REQUESTED).count() >= MAX_KEYS_WAITING:
        raise ConflictError("Several of your keys wait for enrolment already; use one of them.")


def _wrapped(value: Any, keyid: str) -> dict[str, Any] | None:
    if value is None:
        return None
    wanted = {"format", "keyid", "alg", "spki", "kdf", "cipher", "wrapped"}
    if not isinstance(value, dict) or set(value) != wanted or value["keyid"] != keyid:
        raise InvalidError(
            "The wrapped key is not in the key-file format.", fields={"wrapped": "Make the key again."}
        )
    if len(str(value)) > 4000:
        raise InvalidError("The wrapped key is too large.", fields={"wrapped": "Make the key again."})
    return value


def register(person: Person, params: dict[str, Any], now: datetime) -> Plan:
    """An administrator enrols somebody's key; its holder proves possession on the same bytes first."""
    access.require_role(person, "key.register")
    key = _key(params)
    if key.state != KeyState.REQUESTED:
        raise ConflictError(f"This key is {KeyState(key.state).label} already.")
    holder = key.person

    def apply(entry: Appended) -> Result:
        SigningKey.objects.filter(pk=key.pk).update(state=KeyState.REGISTERED, registered_entry=entry.index)
        return {"key": key.keyid}

    return Plan(
        type=RecordType.KEY_REGISTER,
        apply=apply,
        extra={"key": key.enrolled().to_json()},
        claims={"holder": holder.identity(), "by": person.identity()},
        summary=(
            ("Enrol a key for", f"{holder.name}, {Role(holder.role).label}"),
            ("Kind", key.in_words()),
            ("Key", key.keyid),
        ),
        prover=(holder, key.keyid),
    )


def revoke(person: Person, params: dict[str, Any], now: datetime) -> Plan:
    """Revoke a key: an administrator anybody's, everybody their own. What it signed before stays valid."""
    key = _key(params)
    if key.person_id != person.pk and not access.may(person, "key.revoke"):
        raise NotAllowedError("Only an administrator revokes another person's key.")
    if key.state != KeyState.REGISTERED:
        raise ConflictError(f"This key is {KeyState(key.state).label}; only a registered key is revoked.")
    fields = Fields(params)
    reason = fields.text("reason", "The reason", most=MAX_TEXT)
    fields.done()

    def apply(entry: Appended) -> Result:
        SigningKey.objects.filter(pk=key.pk).update(state=KeyState.REVOKED, revoked_entry=entry.index)
        return {"key": key.keyid}

    return Plan(
        type=RecordType.KEY_REVOKE,
        apply=apply,
        extra={"key": {"keyid": key.keyid}},
        claims={"reason": reason, "by": person.identity()},
        summary=(("Revoke the key", key.keyid), ("Of", key.person.name), ("Reason", reason)),
    )


def _key(params: dict[str, Any]) -> SigningKey:
    key = (
        SigningKey.objects.select_for_update(of=("self",))
        .select_related("person")
        .filter(pk=params.get("key"))
        .first()
    )
    if key is None:
        raise NotFoundError("The signing key")
    return key
