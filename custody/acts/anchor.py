"""Have outside authorities stamp the newest head of the log and the seals of reports; record what they answer.

What is still to be stamped is read from the rows, so a lost bell or a failed authority loses nothing: the
next run asks again. An authority that fails is an alarm and never holds up anybody's work.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F

from custody.acts import record
from custody.acts.audit import kept
from custody.acts.plan import Plan, Result
from custody.errors import InvalidError
from custody.ledger import authorities, cosigning, publish, stamping
from custody.ledger.append import Appended
from custody.ledger.authorities import Authority, AuthorityError
from custody.ledger.keys import log_origin
from custody.ledger.models import Anchor, Checkpoint, Entry
from custody.proof import checkpoint as notes
from custody.proof import digests
from custody.proof.records import RecordType
from custody.proof.timestamp import TimeStamp

log = logging.getLogger(__name__)

# A log in which nothing happens is stamped this often all the same: so are stamps renewed in time.
QUIET = timedelta(days=30)
# What waits longer than this for a stamp is an alarm.
OVERDUE = timedelta(hours=1)
LAST_RUN = "anchor"


@dataclass(frozen=True)
class Asked:
    """How one authority did in one run; an empty problem means that its stamp was recorded."""

    authority: str
    problem: str = ""


@dataclass(frozen=True)
class Standing:
    """How far one authority has stamped the log, and since when something waits for it."""

    authority: str
    last: datetime | None
    size: int
    waiting_since: datetime | None
    problem: str

    def overdue(self, now: datetime) -> bool:
        return self.waiting_since is not None and now - self.waiting_since > OVERDUE


def stamp(now: datetime) -> list[Asked]:
    """Publish what is new and ask every authority that has not stamped it; return those that were asked."""
    cosigning.publish_when_due(now)
    head = publish.newest()
    if head is None:
        return []
    text = notes.Checkpoint(log_origin(), head.size, bytes(head.root)).text()
    due = [one for one in authorities.configured() if _is_due(one, head, now)]
    asked = [Asked(one.name, _stamp(one, head.size, text, now)) for one in due]
    if asked:
        _keep(asked, now)
    return asked


def stamp_signature(signature: bytes, now: datetime) -> bytes | None:
    """Have the first authority that answers stamp the signature of a seal; None if none does, which is logged."""
    for authority in authorities.configured():
        try:
            return stamping.ask(authority, signature, now)[0]
        except AuthorityError as error:
            log.error("no outside time stamp on a seal: %s", error)
    return None


def standings() -> list[Standing]:
    """Return how each configured authority stands. Raises AuthorityError if one is badly configured."""
    last_run = kept.kept(LAST_RUN) or {}
    problems = {one["authority"]: one["problem"] for one in last_run.get("asked", [])}
    found = []
    for authority in authorities.configured():
        last = _last(authority)
        size = last.size if last else 0
        found.append(
            Standing(
                authority=authority.name,
                last=last.time if last else None,
                size=size,
                waiting_since=_waiting_since(size),
                problem=problems.get(authority.name, ""),
            )
        )
    return found


def _is_due(authority: Authority, head: Checkpoint, now: datetime) -> bool:
    last = _last(authority)
    if last is None:
        return True
    return last.size < head.size and (_waiting_since(last.size) is not None or now - last.time >= QUIET)


def _last(authority: Authority) -> Anchor | None:
    return Anchor.objects.filter(authority__in=authority.pins).order_by("-size").first()


def _waiting_since(size: int) -> datetime | None:
    """Return when the first entry from this place on was recorded that is neither a stamp nor a map head.

    Those come of stamping itself; to stamp them alone would never end.
    """
    map_heads = Checkpoint.objects.filter(size__gt=size).annotate(last=F("size") - 1).values("last")
    waiting = Entry.objects.filter(seq__gte=size, anchor__isnull=True).exclude(seq__in=map_heads)
    return waiting.order_by("seq").values_list("recorded", flat=True).first()


def _stamp(authority: Authority, size: int, text: str, now: datetime) -> str:
    """Ask one authority and record its stamp; return what went wrong, if anything did."""
    try:
        token, made = stamping.ask(authority, text.encode(), now)
        _record(size, text, token, made, now)
    except (AuthorityError, InvalidError) as error:
        log.error("no outside time stamp over %s entries: %s", size, error)
        return str(error)
    except IntegrityError:  # another run was faster: its stamp is recorded
        log.warning("%s had stamped %s entries already", authority.name, size)
    return ""


def _record(size: int, text: str, token: bytes, made: TimeStamp, now: datetime) -> None:
    def apply(entry: Appended) -> Result:
        Anchor.objects.create(
            entry_id=entry.index, size=size, time=made.info.time, expires=made.expires, authority=made.pin
        )
        return {}

    extra = {"token": digests.b64(token), "checkpoint": text}
    with transaction.atomic():
        record.by_service(Plan(type=RecordType.ANCHOR, extra=extra, apply=apply), now)


def _keep(asked: list[Asked], now: datetime) -> None:
    result = {"asked": [{"authority": one.authority, "problem": one.problem} for one in asked]}
    try:
        kept.keep(LAST_RUN, result, now)
    except OSError as error:
        log.warning("the result of stamping could not be kept for the page that shows it: %s", error)
