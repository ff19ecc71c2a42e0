"""Read an item's stored bytes again and compare with the digest recorded at intake."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

from django.utils import timezone

from custody.acts import check_fixity, reread
from custody.jobs import Job
from evidence import store
from evidence.items import FixityOutcome, Item
from evidence.vault.errors import ObjectDamagedError, VaultError
from evidence.vault.hashing import rehash

Pace = Callable[[Iterable[bytes]], Iterator[bytes]]


def run(job: Job) -> None:
    """Match, mismatch or unreadable: always an outcome, always recorded."""
    item = Item.objects.select_related("stored").get(pk=job.subject)
    pace = slowly if reread.is_scheduled(job) else iter
    outcome, sha256, detail = _look(item, pace)
    check_fixity.check(item.uuid, outcome, sha256, detail, timezone.now())


def slowly(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Give the pieces no faster than scheduled readings may read; people's own work comes first."""
    started, passed = time.monotonic(), 0
    for piece in pieces:
        yield piece
        passed += len(piece)
        ahead = passed / reread.rate() - (time.monotonic() - started)
        if ahead > 0:
            time.sleep(ahead)


def _look(item: Item, pace: Pace) -> tuple[FixityOutcome, str, str]:
    try:
        found = rehash(pace(store.read(item.stored)), ("sha256",)).hexdigests()["sha256"]
    except ObjectDamagedError as error:
        # The bytes are there and are not what was written: authenticated encryption says so.
        return FixityOutcome.MISMATCH, "", str(error)
    except (VaultError, OSError) as error:
        return FixityOutcome.UNREADABLE, "", str(error)
    if found != item.sha256:
        return FixityOutcome.MISMATCH, found, "The digest is not the one recorded at intake."
    return FixityOutcome.MATCH, found, ""
