"""Open the log: its keys, the genesis record, the machines' enrolment. Once per installation."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from custody.accounts.models import KeyState, Person, SigningKey
from custody.accounts.roles import Role
from custody.ledger import authorities, keys, log_policy, publish, sites
from custody.ledger.append import append
from custody.ledger.history import leaf_of
from custody.ledger.models import Head
from custody.proof import envelope, records
from custody.proof.canonical import JSON
from custody.proof.digests import b64
from custody.proof.policy import format_policy
from custody.proof.records import EnrolledKey, KeyKind, RecordType
from custody.proof.signatures import SigningKey as PrivateKey


def is_open() -> bool:
    """Tell whether the log has its genesis."""
    return Head.objects.get(pk=1).size > 0


def open_log(administrator: Person, root: PrivateKey, wrapped: dict[str, object], now: datetime) -> None:
    """Write genesis with the administrator's key as root, and enrol the service key by it.

    A crash before the commit leaves key files without a log; the next call uses the same files.
    """
    service_person, _ = Person.objects.get_or_create(
        username="service", defaults={"name": "Machines of the agency", "role": Role.SERVICE, "password": "!"}
    )
    service = keys.service_key()
    with transaction.atomic():
        _row(administrator, root, "software", wrapped, now)
        _row(service_person, service, "service", None, now)
        extra: dict[str, JSON] = {
            "roots": [_enrolled(administrator, root, KeyKind.SOFTWARE).to_json()],
            "policy": own_policy_text(),
        }
        _enter(administrator, RecordType.GENESIS, extra, now, [root])
        key: dict[str, JSON] = {"key": _enrolled(service_person, service, KeyKind.SERVICE).to_json()}
        _enter(service_person, RecordType.KEY_REGISTER, key, now, [root, service])
    publish.publish(now)


def _row(
    person: Person, key: PrivateKey, kind: str, wrapped: dict[str, object] | None, now: datetime
) -> None:
    SigningKey.objects.create(
        keyid=key.keyid,
        person=person,
        alg=str(key.alg),
        spki=key.spki,
        kind=kind,
        label="made when the log was opened",
        wrapped=wrapped,
        requested=now,
    )


def _enrolled(person: Person, key: PrivateKey, kind: KeyKind) -> EnrolledKey:
    return EnrolledKey(
        keyid=key.keyid,
        spki=key.spki,
        alg=key.alg,
        person=person.uuid,
        roles=frozenset({records.Role(person.role)}),
        kind=kind,
    )


def _enter(
    holder: Person, kind: RecordType, extra: dict[str, JSON], now: datetime, signers: list[PrivateKey]
) -> None:
    """Append a record signed by all the keys, the root's first, and mark the last one's key as registered."""
    openings = [records.make_opening("holder", dict(holder.identity()))]
    payload = records.build(
        log=keys.log_origin(),
        type=kind,
        time=now,
        actor=signers[0].keyid,
        seen=records.NOTHING_SEEN,
        openings=openings,
        extra=extra,
    )
    signed = envelope.pae(records.RECORD_PAYLOAD_TYPE, payload)
    data = envelope.seal(payload, [envelope.Signature(k.keyid, k.sign(signed)) for k in signers])
    entry = append(data, openings)
    SigningKey.objects.filter(pk=signers[-1].keyid).update(
        state=KeyState.REGISTERED, registered_entry=entry.index
    )


def own_policy_text() -> str:
    """Return what the log states about itself in its first entry: keys, witnesses, its site, its authorities."""
    site = sites.own()
    stated = log_policy.stated(stampers=authorities.pins())
    # One administrator enrols at first; because genesis says so, more may be demanded later (stated_policy.py).
    return format_policy(replace(stated, passkeys=(site,) if site else (), enrollers=1))


def policy_text(seal_pins: tuple[str, ...] = ()) -> str:
    """Return the policy file a verifier is given: the log's keys and witnesses, the pins of genesis, seal, stamps."""
    return format_policy(log_policy.stated(leaf_of(0), seal_pins, authorities.pins()))


def genesis_pin() -> str:
    """Return the leaf hash of genesis as policies and reports print it."""
    return b64(leaf_of(0))
