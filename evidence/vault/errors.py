"""What can go wrong in the vault; attributes carry the facts, the text is for a person.

VaultError
├── ObjectMissingError      the vault holds no such object
├── ObjectExistsError       an object of this id was written before, and nothing is written twice
├── ObjectUnreadableError   the disk or the permissions, not the content: never to be called tampering
├── ObjectDamagedError      the stored bytes are not the bytes that were written
├── SegmentDamagedError     the same within one extent, before anyone said of which object
├── StagingBusyError        another process is writing this object
├── StagingLostError        staging holds less than was promised to be durable
├── StagingUnsettledError   staging holds more than the list it is to be sealed with
├── StagingLimitError       an object of more extents than the vault keeps
├── SourceError             the sender failed; what had arrived is kept
├── TooLongError            the sender sent more than was agreed
├── FolderUnsafeError       others than this account can reach the folder or file
└── KeyFileError
    ├── KeyMissingError     no such key file
    ├── KeyDestroyedError   the key was destroyed on purpose
    └── KeyRefusedError     the key file or the wrapped key does not fit the other

Mistakes of the calling code are ValueErrors and are not listed here.
"""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID


class VaultError(Exception):
    """Anything the vault refuses or fails at."""


class ObjectMissingError(VaultError):
    def __init__(self, object_id: UUID) -> None:
        super().__init__(f"The vault holds no object {object_id}.")
        self.object_id = object_id


class ObjectExistsError(VaultError):
    def __init__(self, object_id: UUID) -> None:
        super().__init__(f"Object {object_id} is in the vault already and is never written again.")
        self.object_id = object_id


class ObjectUnreadableError(VaultError):
    def __init__(self, object_id: UUID, reason: str) -> None:
        super().__init__(f"Object {object_id} could not be read: {reason}.")
        self.object_id = object_id
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Damage:
    """A run of bad segments of one extent; start and stop count the object's plain bytes."""

    extent: int
    first_segment: int
    last_segment: int
    start: int
    stop: int


class ObjectDamagedError(VaultError):
    """Carry the first bad place, or None for both where the whole file has the wrong length."""

    def __init__(
        self,
        object_id: UUID,
        reason: str,
        *,
        extent: int | None = None,
        segment: int | None = None,
        damages: tuple[Damage, ...] = (),
    ) -> None:
        where = "" if extent is None else f" (extent {extent}, segment {segment})"
        super().__init__(f"Object {object_id} is not as it was written{where}: {reason}.")
        self.object_id = object_id
        self.reason = reason
        self.extent = extent
        self.segment = segment
        self.damages = damages


class SegmentDamagedError(VaultError):
    def __init__(self, segment: int, reason: str) -> None:
        super().__init__(f"Segment {segment} is not as it was written: {reason}.")
        self.segment = segment
        self.reason = reason


class StagingBusyError(VaultError):
    def __init__(self, object_id: UUID) -> None:
        super().__init__(f"Another process is writing object {object_id}.")
        self.object_id = object_id


class StagingLostError(VaultError):
    def __init__(self, object_id: UUID, *, expected: int, found: int) -> None:
        super().__init__(
            f"Staging of object {object_id} holds {found} bytes where {expected} had been made durable."
        )
        self.object_id = object_id
        self.expected = expected
        self.found = found


class StagingUnsettledError(VaultError):
    def __init__(self, object_id: UUID, *, expected: int, found: int) -> None:
        super().__init__(
            f"Staging of object {object_id} holds {found} bytes where its extents take {expected}; "
            "sealing it would drop the rest."
        )
        self.object_id = object_id
        self.expected = expected
        self.found = found


class StagingLimitError(VaultError):
    def __init__(self, object_id: UUID, limit: int) -> None:
        super().__init__(f"Object {object_id} has reached the limit of {limit} extents.")
        self.object_id = object_id
        self.limit = limit


class SourceError(VaultError):
    """`taken` bytes of this request are durable; the cause is the error of the source."""

    def __init__(self, taken: int) -> None:
        super().__init__(f"The sender failed after {taken} bytes of this request, which were kept.")
        self.taken = taken


class TooLongError(VaultError):
    def __init__(self, limit: int) -> None:
        super().__init__(f"The sender sent more than the {limit} bytes that were left to come.")
        self.limit = limit


class FolderUnsafeError(VaultError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} is not safe to use: {reason}.")
        self.path = path
        self.reason = reason


class KeyFileError(VaultError):
    """Anything about a key that is kept as a file."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name


class KeyMissingError(KeyFileError):
    def __init__(self, name: str) -> None:
        super().__init__(name, f"There is no key file {name}.")


class KeyDestroyedError(KeyFileError):
    def __init__(self, name: str) -> None:
        super().__init__(name, f"The key {name} was destroyed; what it protected cannot be read again.")


class KeyRefusedError(KeyFileError):
    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, f"The key {name} was not usable: {reason}.")
        self.reason = reason
