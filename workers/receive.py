"""Check a received upload: seal the object, read it back, compare digests, tell the type from content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils import timezone

from custody.acts import receive
from custody.jobs import Job
from evidence import store
from evidence.items import StoredObject
from evidence.metadata.extract import content_type
from evidence.metadata.sandbox import SandboxError, SandboxUnavailable
from evidence.uploads import Upload, UploadState
from evidence.vault.errors import ObjectDamagedError, StagingBusyError, VaultError
from evidence.vault.hashing import rehash
from workers.claim import GiveUpError, RetryLaterError

UNKNOWN = "application/octet-stream"
# libmagic decides by the beginning of a file.
HEAD_BYTES = 1 << 20


def run(job: Job) -> None:
    """Seal, then read back, then decide; each step can be repeated after a crash."""
    upload = Upload.objects.select_related("stored").get(pk=job.subject)
    if upload.state != UploadState.RECEIVED:
        return
    stored = upload.stored
    try:
        # A crash after this line leaves a sealed object whose row does not say so; sealing again is safe.
        store.vault().seal(stored.uuid, stored.extents)
        StoredObject.objects.filter(pk=stored.pk, sealed=False).update(sealed=True)
        reread, head = _read_back(stored, ["sha256", "blake3", *upload.declared])
    except StagingBusyError as error:
        raise RetryLaterError("the upload's last connection has not ended yet") from error
    except ObjectDamagedError as error:
        raise GiveUpError(f"the stored object is damaged: {error}") from error
    except VaultError as error:
        raise GiveUpError(f"the vault could not seal the object: {error}") from error
    receive.accept_bytes(upload.uuid, reread, _type_of(head), timezone.now())


def _type_of(head: bytes) -> str:
    """Tell the type from content; one that libmagic cannot tell is unknown, no reason to refuse."""
    try:
        return content_type(head)
    except SandboxUnavailable as error:
        raise RetryLaterError(f"the sandbox cannot be built on this machine: {error}") from error
    except SandboxError:
        return UNKNOWN


def _read_back(stored: StoredObject, algorithms: list[str]) -> tuple[dict[str, str], bytes]:
    head = bytearray()

    def pieces(source: Iterable[bytes]) -> Iterator[bytes]:
        for piece in source:
            if len(head) < HEAD_BYTES:
                head.extend(piece[: HEAD_BYTES - len(head)])
            yield piece

    digests = rehash(pieces(store.read(stored)), tuple(dict.fromkeys(algorithms)))
    return digests.hexdigests(), bytes(head)
