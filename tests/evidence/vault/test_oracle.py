"""Tink itself as the judge of the format: it reads what we write, and we read what it writes."""

import base64
import json
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
import tink  # type: ignore[import-untyped]
from tink import cleartext_keyset_handle, streaming_aead
from tink.proto import aes_gcm_hkdf_streaming_pb2, common_pb2  # type: ignore[import-untyped]

from evidence.vault.errors import SegmentDamagedError
from evidence.vault.local import LocalVault
from evidence.vault.tink import (
    FIRST_PLAIN,
    NEXT_PLAIN,
    SEGMENT,
    ExtentWriter,
    aad,
    read_extent,
    stored_length,
)

from .stored import random_bytes, store

KEY = random_bytes(32, seed=7)
OBJECT = UUID("6f9619ff-8b86-4d01-b42d-00cf4fc964ff")
LENGTHS = (
    0,
    1,
    FIRST_PLAIN - 1,
    FIRST_PLAIN,
    FIRST_PLAIN + 1,
    FIRST_PLAIN + NEXT_PLAIN,
    2 * SEGMENT + 12_345,
)
PLAIN = random_bytes(max(LENGTHS))


class Unclosing(BytesIO):
    """Tink closes what it writes to; keep the bytes."""

    def close(self) -> None:
        pass


def tink_primitive(key: bytes) -> streaming_aead.StreamingAead:
    streaming_aead.register()
    message = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingKey(
        version=0,
        params=aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingParams(
            ciphertext_segment_size=SEGMENT, derived_key_size=32, hkdf_hash_type=common_pb2.SHA256
        ),
        key_value=key,
    )
    entry = {
        "keyData": {
            "typeUrl": "type.googleapis.com/google.crypto.tink.AesGcmHkdfStreamingKey",
            "keyMaterialType": "SYMMETRIC",
            "value": base64.b64encode(message.SerializeToString()).decode("ascii"),
        },
        "keyId": 1,
        "outputPrefixType": "RAW",
        "status": "ENABLED",
    }
    reader = tink.JsonKeysetReader(json.dumps({"primaryKeyId": 1, "key": [entry]}))
    return cleartext_keyset_handle.read(reader).primitive(streaming_aead.StreamingAead)


def tink_decrypts(stored: bytes, key: bytes, associated: bytes) -> bytes:
    with tink_primitive(key).new_decrypting_stream(BytesIO(stored), associated) as stream:
        return bytes(stream.read())


@pytest.mark.parametrize("length", LENGTHS)
def test_tink_decrypts_our_extent(length: int) -> None:
    file = BytesIO()
    writer = ExtentWriter(file, KEY, aad(OBJECT, 3))
    writer.write(PLAIN[:length])
    writer.finish()
    assert tink_decrypts(file.getvalue(), KEY, aad(OBJECT, 3)) == PLAIN[:length]


@pytest.mark.parametrize("length", LENGTHS)
def test_we_decrypt_an_extent_of_tink(length: int) -> None:
    file = Unclosing()
    with tink_primitive(KEY).new_encrypting_stream(file, aad(OBJECT, 3)) as stream:
        stream.write(PLAIN[:length])
    assert len(file.getvalue()) == stored_length(length)
    assert b"".join(read_extent(file, 0, length, KEY, aad(OBJECT, 3))) == PLAIN[:length]
    with pytest.raises(SegmentDamagedError):
        list(read_extent(file, 0, length, KEY, aad(OBJECT, 2)))


def test_tink_decrypts_every_extent_of_a_stored_object(vault: LocalVault, root: Path) -> None:
    stored = store(vault, root, PLAIN, checkpoint_bytes=SEGMENT)
    assert len(stored.extents) == 3
    content, offset, plain = stored.path.read_bytes(), 0, b""
    for number, length in enumerate(stored.extents):
        extent = content[offset : offset + stored_length(length)]
        plain += tink_decrypts(extent, stored.key, aad(stored.object_id, number))
        offset += len(extent)
    assert plain == PLAIN
