"""Take an upload's bytes: at exactly the offset that is durable, hashed and encrypted as they pass.

Bytes first, then the offset: a crash in between costs the sender what lies behind the offset, never a
byte before it. The digests live in this process; where they are missing they are computed again from
what is stored.
"""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from custody.acts import receive
from custody.errors import ActError, ConflictError, InvalidError, NotFoundError
from evidence import store
from evidence.items import StoredObject
from evidence.uploads import Upload, UploadState
from evidence.vault.errors import SourceError, StagingBusyError, TooLongError
from evidence.vault.hashing import Digests, rehash
from evidence.vault.pipeline import ingest
from evidence.vault.staging import Staging

# Digest states of uploads under way, oldest forgotten first; each takes about two kilobytes.
MAX_KEPT = 256


class BusyError(ActError):
    code = "busy"
    status = 423


class _Kept:
    """Digests by upload and offset; taken out while a request uses them, put back when it is safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._digests: OrderedDict[uuid.UUID, Digests] = OrderedDict()

    def take(self, upload_id: uuid.UUID, length: int) -> Digests | None:
        with self._lock:
            found = self._digests.pop(upload_id, None)
        return found if found is not None and found.length == length else None

    def put(self, upload_id: uuid.UUID, digests: Digests) -> None:
        with self._lock:
            self._digests[upload_id] = digests
            while len(self._digests) > MAX_KEPT:
                self._digests.popitem(last=False)


_kept = _Kept()


def state(upload_id: uuid.UUID, now: datetime) -> Upload:
    """Return the upload; one whose last byte came just before a crash is completed now."""
    upload = _find(upload_id)
    if upload.state == UploadState.RECEIVING and upload.offset == upload.size:
        _complete_from_stored(upload, now)
        upload = _find(upload_id)
    return upload


def take(
    upload_id: uuid.UUID, offset: int, length: int, read: Callable[[int], bytes], now: datetime
) -> Upload:
    """Take the bytes of one request. Raises ConflictError (gap, overlap), BusyError, InvalidError."""
    upload = _find(upload_id)
    if upload.state != UploadState.RECEIVING:
        raise ConflictError(
            f"This upload is {UploadState(upload.state).label}; it takes no more bytes.", code="upload_state"
        )
    if offset != upload.offset:
        raise ConflictError(f"Bytes are wanted from offset {upload.offset}, not {offset}.", code="offset")
    if length == 0:
        raise InvalidError(
            f"This request carried no bytes; send the rest from offset {offset}.", code="empty_chunk"
        )
    if offset + length > upload.size:
        text = f"{length} bytes from offset {offset} go beyond the declared size of {upload.size} bytes."
        raise InvalidError(text, code="too_long")
    try:
        with store.vault().stage(upload.stored_id, upload.stored.extents) as staging:
            _ingest(upload, staging, read)
    except StagingBusyError as error:
        raise BusyError("Another connection is sending this file; wait until it has ended.") from error
    return state(upload_id, now)


def _ingest(upload: Upload, staging: Staging, read: Callable[[int], bytes]) -> None:
    # The row may have moved on between our look and our lock.
    if Upload.objects.values_list("offset", flat=True).get(pk=upload.pk) != upload.offset:
        raise ConflictError(
            "Another connection sent bytes meanwhile; ask for the offset again.", code="offset"
        )
    key = store.data_key(upload.stored)
    digests = _kept.take(upload.pk, upload.offset) or rehash(staging.read(key))

    def durable(length: int, extents: tuple[int, ...]) -> None:
        with transaction.atomic():
            StoredObject.objects.filter(pk=upload.stored_id).update(extents=list(extents))
            Upload.objects.filter(pk=upload.pk).update(offset=length)

    try:
        ingest(
            read, staging, key=key, digests=digests, limit=upload.size - upload.offset, on_checkpoint=durable
        )
    except SourceError:
        # The sender went away; what came is durable and the digests have seen exactly that.
        _kept.put(upload.pk, digests)
        raise
    except TooLongError as error:
        raise InvalidError("More bytes came than the declared size.", code="too_long") from error
    _kept.put(upload.pk, digests)


def _complete_from_stored(upload: Upload, now: datetime) -> None:
    digests = _kept.take(upload.pk, upload.size)
    if digests is None:
        try:
            with store.vault().stage(upload.stored_id, upload.stored.extents) as staging:
                digests = rehash(staging.read(store.data_key(upload.stored)))
        except StagingBusyError:
            return
    receive.complete(upload.pk, digests.hexdigests(), now)


def finish_lost(now: datetime) -> int:
    """Complete uploads whose last byte is durable but whose end nobody saw; return how many."""
    lost = Upload.objects.filter(state=UploadState.RECEIVING, offset__gt=0).select_related("stored")
    ended = [upload for upload in lost if upload.offset == upload.size]
    for upload in ended:
        _complete_from_stored(upload, now)
    return len(ended)


def _find(upload_id: uuid.UUID) -> Upload:
    upload = Upload.objects.select_related("stored", "case").filter(pk=upload_id).first()
    if upload is None:
        raise NotFoundError("The upload")
    return upload
