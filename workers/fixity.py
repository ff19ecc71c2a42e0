"""Read an item's stored bytes again and compare with the digest recorded at intake."""

from __future__ import annotations

from django.utils import timezone

from custody.acts import check_fixity
from custody.jobs import Job
from evidence import store
from evidence.items import FixityOutcome, Item
from evidence.vault.errors import ObjectDamagedError, VaultError
from evidence.vault.hashing import rehash


def run(job: Job) -> None:
    """Match, mismatch or unreadable: always an outcome, always recorded."""
    item = Item.objects.select_related("stored").get(pk=job.subject)
    outcome, sha256, detail = _look(item)
    check_fixity.check(item.uuid, outcome, sha256, detail, timezone.now())


def _look(item: Item) -> tuple[FixityOutcome, str, str]:
    try:
        found = rehash(store.read(item.stored), ("sha256",)).hexdigests()["sha256"]
    except ObjectDamagedError as error:
        # The bytes are there and are not what was written: authenticated encryption says so.
        return FixityOutcome.MISMATCH, "", str(error)
    except (VaultError, OSError) as error:
        return FixityOutcome.UNREADABLE, "", str(error)
    if found != item.sha256:
        return FixityOutcome.MISMATCH, found, "The digest is not the one recorded at intake."
    return FixityOutcome.MATCH, found, ""
