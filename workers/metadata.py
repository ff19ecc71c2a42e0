"""Extract an item's metadata in the sandbox and record what every extractor said."""

from __future__ import annotations

import io

from django.db import close_old_connections, connection
from django.utils import timezone

from custody.acts import examine
from custody.jobs import Job
from evidence.items import Item
from evidence.metadata.extract import examine as extract
from evidence.metadata.sandbox import SandboxUnavailable
from evidence.vault.errors import VaultError
from workers.claim import GiveUpError, RetryLaterError
from workers.stored_file import StoredFile


def run(job: Job) -> None:
    """Read, extract, record; a second run finds the record and does nothing."""
    item = Item.objects.select_related("stored").get(pk=job.subject)
    try:
        with StoredFile(item.stored) as file:
            extractions = extract(io.BufferedReader(file), item.size, filename=item.filename)
    except SandboxUnavailable as error:
        raise RetryLaterError(f"the sandbox cannot be built on this machine: {error}") from error
    except VaultError as error:
        raise GiveUpError(f"the stored object could not be read: {error}") from error
    if not connection.in_atomic_block:
        # A large disk image takes hours, in which the database may have let the idle connection go.
        close_old_connections()
    examine.record_metadata(item.uuid, extractions, timezone.now())
