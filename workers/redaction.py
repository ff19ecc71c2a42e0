"""Make a redacted copy in the sandbox, check it with an independent checker, store it, record it."""

from __future__ import annotations

from django.utils import timezone

from custody.acts import redact
from custody.acts.victims import registry, registry_digest
from custody.jobs import Job
from evidence import store
from evidence.derivatives import Derivative, DerivativeState
from evidence.metadata.sandbox import MAX_INPUT, SandboxError
from evidence.redaction.in_sandbox import check_in_sandbox, redact_in_sandbox
from evidence.redaction.registry import UnsupportedError
from evidence.vault.errors import VaultError
from workers.claim import GiveUpError
from workers.stored_file import StoredFile


def run(job: Job) -> None:
    """Copy, check, store, record. Killed anywhere before the record, nothing was made and it runs again."""
    derivative = Derivative.objects.select_related("item__case", "item__stored").get(pk=job.subject)
    if derivative.state != DerivativeState.PLANNED:
        return
    item = derivative.item
    if item.size > MAX_INPUT:
        _cannot(
            derivative, f"The file is larger than {MAX_INPUT >> 20} MiB; this version redacts smaller files."
        )
    # The digest is read first: identifiers registered while we work make the copy stale, never unnoticed.
    searched = registry_digest(item.case)
    protected = registry(item.case)
    try:
        with StoredFile(item.stored) as file:
            data = file.readall() or b""
        result = redact_in_sandbox(data, item.content_type, protected)
        report = check_in_sandbox(result.data, result.content_type, protected)
    except UnsupportedError as error:
        _cannot(derivative, str(error))
    except SandboxError as error:
        _cannot(derivative, f"The file could not be redacted: {error}")
    except VaultError as error:
        raise GiveUpError(f"the stored object could not be read: {error}") from error
    # A crash after this line leaves an object that no row names: an orphan, and the job runs again.
    stored, sha256 = store.save(item.case, result.data)
    made = redact.Made(
        stored=stored,
        sha256=sha256,
        filename=f"{item.exhibit_number}-redacted{_suffix(result.content_type)}",
        content_type=result.content_type,
        tool=result.tool,
        hits=[hit.to_json() for hit in result.hits],
        remarks=list(result.remarks),
        leak_check=report.to_json(),
    )
    redact.made(derivative.uuid, made, searched, timezone.now())


def _cannot(derivative: Derivative, reason: str) -> None:
    redact.cannot(derivative.uuid, reason)
    raise GiveUpError(reason)


SUFFIXES = {
    "text/plain": ".txt",
    "text/csv": ".csv",
    "text/html": ".html",
    "application/json": ".json",
    "message/rfc822": ".eml",
    "image/jpeg": ".jpg",
    "image/png": ".png",
}


def _suffix(content_type: str) -> str:
    return SUFFIXES.get(content_type, ".bin")
