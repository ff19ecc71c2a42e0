"""Heads and their witnesses: which cosignatures a head still lacks, who is asked, which head may be given out.

A head is *released* into receipts and bundles when the quorum of the agency's witnesses has cosigned it; without
named witnesses, at once. Entries are appended meanwhile as ever: a witness that does not answer stops no intake.
Unasked, the log signs no further head before, so that a report can be made under the one that comes back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from custody.ledger import log_policy, publish
from custody.ledger.models import Checkpoint, Cosignature
from custody.ledger.tree import block_reader
from custody.proof import add_checkpoint, merkle
from custody.proof.add_checkpoint import Request
from custody.proof.checkpoint import parse_note
from custody.proof.errors import ProofError, SignatureError
from custody.proof.note_keys import verified
from custody.proof.policy import Policy, Witness, cosignatures, is_reached

log = logging.getLogger(__name__)
# Heads that a cosignature from a stick may be for; older ones are of no use any more.
RECENT = 20


def note_of(checkpoint: Checkpoint) -> str:
    """Return the signed head with the cosignatures that have come."""
    return checkpoint.note + "".join(checkpoint.cosignatures.values_list("line", flat=True))


def times(checkpoint: Checkpoint, policy: Policy) -> Mapping[str, int]:
    """Return which witnesses of the policy have cosigned, and when (seconds since 1970)."""
    try:
        return cosignatures(parse_note(note_of(checkpoint)), policy)
    except SignatureError as error:
        log.error("a stored cosignature of the head over %d entries is wrong: %s", checkpoint.size, error)
        return {}


def is_witnessed(checkpoint: Checkpoint) -> bool:
    """Tell whether the quorum has cosigned this head; without named witnesses every head is as it is."""
    return _is_witnessed(checkpoint, log_policy.stated())


def released() -> Checkpoint | None:
    """Return the newest head that may be given out; None before the first."""
    policy = log_policy.stated()
    recent = Checkpoint.objects.order_by("-size")[:RECENT]
    return next((one for one in recent if _is_witnessed(one, policy)), None)


def missing(checkpoint: Checkpoint) -> list[Witness]:
    """Return the witnesses, in the quorum or not, that have not cosigned this head."""
    policy = log_policy.stated()
    there = times(checkpoint, policy)
    return [witness for witness in _outside(policy) if witness.name not in there]


def waits_for() -> list[str]:
    """Return the names of the witnesses that the newest head waits for; none if it may be given out."""
    newest = publish.newest()
    return [] if newest is None or is_witnessed(newest) else [one.name for one in missing(newest)]


def publish_when_due(now: datetime) -> None:
    """Publish what is new unless the newest head still waits, and ask the witnesses that have an address.

    Where the quorum cannot be asked, because cosignatures come on a stick, `manage.py cosign` publishes.
    """
    collect(now)  # for the head that waits, if one does
    newest = publish.newest()
    if newest is None or (is_witnessed(newest) and _can_be_asked()):
        publish.publish(now)
        collect(now)


def collect(now: datetime) -> None:
    """Ask the witnesses that have not cosigned the newest head, all at once, and keep what verifies."""
    newest = publish.newest()
    if newest is None or not _outside(log_policy.stated()):
        return
    keys: dict[str, list[Witness]] = {}
    for witness in missing(newest):
        if witness.url:
            keys.setdefault(witness.url, []).append(witness)
    asked = {url: _request(newest, _last_size(keys[url])) for url in keys}
    if not asked:
        return
    from custody.ledger import asking  # an HTTP client, which only a log with witnesses to ask has to hold

    for _ in range(2):  # the second time with the size that the witness itself gives
        answers = asking.ask_all(asked)
        for url, answer in answers.items():
            _accept_from(url, newest, answer.lines, now)
        stale = {url: answer.size for url, answer in answers.items() if answer.size is not None}
        asked = {url: _request(newest, size) for url, size in stale.items() if size <= newest.size}
        for url, size in stale.items():
            if size > newest.size:
                log.error(
                    "the witness at %s has cosigned a head over %d entries, this log has %d: was an old "
                    "backup restored? Publish nothing before that is known.",
                    url,
                    size,
                    newest.size,
                )


def _accept_from(url: str, checkpoint: Checkpoint, lines: str, now: datetime) -> None:
    if not lines:
        return
    try:
        names = accept(checkpoint, lines, now)
    except ProofError as error:
        log.warning("the witness at %s gives no usable cosignature: %s", url, error)
        return
    if not names:
        log.warning("the witness at %s cosigns with keys that are not named here", url)


def accept(checkpoint: Checkpoint, lines: str, now: datetime) -> list[str]:
    """Keep the cosignatures of known witnesses among these lines; return the names of their keys.

    Of an answer that has a wrong signature of a known witness, or is no answer, nothing is kept. Raises ProofError.
    """
    known = [witness.key for witness in _outside(log_policy.stated())]
    more = add_checkpoint.parse_answer(lines, checkpoint.note)
    whole = parse_note(checkpoint.note + lines)
    good = {(one.key.name, one.key.key_hash) for one in verified(whole, known) if one.time}
    rows = [
        Cosignature(
            checkpoint=checkpoint, name=one.name, key_hash=one.key_hash, line=one.line(), received=now
        )
        for one in more
        if (one.name, one.key_hash) in good
    ]
    with transaction.atomic():
        Cosignature.objects.bulk_create(rows, ignore_conflicts=True)
    return [row.name for row in rows]


def accept_recent(lines: str, now: datetime) -> tuple[int, list[str]]:
    """Keep cosignatures that came on a stick; return for which size, and the names. (0, []) if for none."""
    for checkpoint in Checkpoint.objects.order_by("-size")[:RECENT]:
        try:
            names = accept(checkpoint, lines, now)
        except ProofError:
            continue  # they are under an older head, or under none
        if names:
            return checkpoint.size, names
    return 0, []


def requests(checkpoint: Checkpoint) -> Iterable[tuple[Witness, Request]]:
    """Give the request for each witness that has not cosigned this head."""
    for witness in missing(checkpoint):
        yield witness, _request(checkpoint, _last_size([witness]))


def _is_witnessed(checkpoint: Checkpoint, policy: Policy) -> bool:
    return not _outside(policy) or is_reached(policy, times(checkpoint, policy).keys())


def _request(checkpoint: Checkpoint, old: int) -> Request:
    proof = merkle.consistency_proof(old, checkpoint.size, block_reader()) if old else []
    return Request(old, tuple(proof), note_of(checkpoint))


def _last_size(witnesses: Iterable[Witness]) -> int:
    """Return the largest head that one of these keys has cosigned, as far as is known here."""
    names = [witness.key.name for witness in witnesses]
    row = Cosignature.objects.filter(name__in=names).order_by("-checkpoint").first()
    return row.checkpoint_id if row else 0


def _outside(policy: Policy) -> tuple[Witness, ...]:
    return policy.outside(policy.logs[0].name)


def _can_be_asked() -> bool:
    policy = log_policy.stated()
    origin = policy.logs[0].name
    within_reach = {one.name for one in policy.witnesses if one.url or one.key.name == origin}
    return is_reached(policy, within_reach)
