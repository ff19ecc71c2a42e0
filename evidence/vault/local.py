"""The vault on a local disk: objects are staged, sealed once, and after that only read.

    <root>/staging/<object id>            grows by extents (staging.py), mode 0600
    <root>/objects/<first two>/<object id>  sealed, mode 0400

The vault keeps no list, no key and no hash: the caller's database row holds extents and wrapped key, the
ledger the digests. It never deletes a sealed object; what must become unreadable loses its key.
"""

import os
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from io import FileIO
from pathlib import Path
from uuid import UUID

from .durable import OPEN_ALWAYS, private_folder, sync_folder
from .errors import ObjectDamagedError, ObjectExistsError, ObjectMissingError, ObjectUnreadableError
from .objects import find_damage, read_object, stored_object_length
from .reading import ReadAhead
from .staging import Staging

SEALED_MODE = 0o400


class OrphanKind(StrEnum):
    OBJECT = "object"  # sealed, but no row knows it: a crash between bytes and record
    STAGING = "staging"  # bytes of an upload that no row knows
    STRANGER = "stranger"  # not a file this vault makes


@dataclass(frozen=True, slots=True)
class Orphan:
    """A file that no row accounts for; a young one may belong to a transaction still under way."""

    kind: OrphanKind
    object_id: UUID | None
    name: str
    stored_length: int
    modified: datetime


class LocalVault:
    """The vault below one folder."""

    def __init__(self, root: Path) -> None:
        """Raises FolderUnsafeError when others can reach the vault."""
        self._root = private_folder(root)
        self._staging = private_folder(root / "staging")
        self._objects = private_folder(root / "objects")
        sync_folder(root)

    def stage(self, object_id: UUID, extents: Sequence[int] = ()) -> Staging:
        """Open the object's staging file, of which these extents are durable; staging.py has the one trap.

        Raises ObjectExistsError, StagingBusyError, StagingLostError.
        """
        if self.exists(object_id):
            raise ObjectExistsError(object_id)
        return Staging(self._staged(object_id), object_id, extents)

    def seal(self, object_id: UUID, extents: Sequence[int]) -> None:
        """Make the staged extents the object, for ever; safe to run again after a crash.

        Raises ObjectExistsError when another object of this id is there, StagingBusyError, StagingLostError,
        StagingUnsettledError.
        """
        if not extents:
            raise ValueError("an object has at least one extent, an empty one if need be")
        sealed = self._sealed(object_id)
        if not self.exists(object_id):
            with self.stage(object_id, extents) as staging:
                staging.check_settled()
                staging.sync()
                private_folder(sealed.parent)
                try:
                    os.link(staging.path, sealed)  # a rename would replace what is there
                except FileExistsError:
                    raise ObjectExistsError(object_id) from None
        # A crash above leaves the staging file alone or both names on one file. Both folders are synced on
        # every run, since the process that made the names may have died before its own sync.
        sync_folder(sealed.parent)
        sync_folder(self._objects)
        self._drop_staged_name(object_id)
        self._check_length(object_id, extents)
        with self._open(object_id) as file:
            os.fchmod(file.fileno(), SEALED_MODE)
            os.fsync(file.fileno())

    def read(
        self, object_id: UUID, extents: Sequence[int], key: bytes, start: int = 0, stop: int | None = None
    ) -> Iterator[bytes]:
        """Return the plain bytes [start, stop) piece by piece, each authenticated before it is given out.

        Raises ObjectMissingError, ObjectUnreadableError and, for a wrong length, ObjectDamagedError at once;
        the latter two also while reading.
        """
        length = sum(extents)
        stop = length if stop is None else stop
        if not 0 <= start <= stop <= length:
            raise ValueError(f"the range {start} to {stop} is not within {length} bytes")
        self._check_length(object_id, extents)
        return self._stream(object_id, extents, key, start, stop)

    def check_object(self, object_id: UUID, extents: Sequence[int], key: bytes) -> None:
        """Authenticate every stored byte of the object.

        Raises ObjectDamagedError with every damaged run, ObjectMissingError, ObjectUnreadableError.
        """
        with self._open(object_id) as file:
            damages = tuple(find_damage(file, object_id, extents, key))
        if damages:
            count = sum(d.last_segment - d.first_segment + 1 for d in damages)
            raise ObjectDamagedError(
                object_id,
                f"{count} segments do not authenticate",
                extent=damages[0].extent,
                segment=damages[0].first_segment,
                damages=damages,
            )
        self._check_length(object_id, extents)

    def exists(self, object_id: UUID) -> bool:
        """Tell whether an object of this id was sealed."""
        return self._sealed(object_id).exists()

    def discard_staging(self, object_id: UUID) -> None:
        """Drop the bytes of an upload that was given up; never a sealed object.

        Raises ObjectExistsError, and StagingBusyError while another process writes it.
        """
        path = self._staged(object_id)
        if not path.exists():
            return
        with self.stage(object_id):
            path.unlink()
        sync_folder(self._staging)

    def orphans(self, known: Container[UUID]) -> Iterator[Orphan]:
        """List the files whose object id is not known; nothing is removed."""
        for kind, folder in ((OrphanKind.STAGING, self._staging), (OrphanKind.OBJECT, self._objects)):
            for path in sorted(p for p in folder.rglob("*") if not p.is_dir()):
                object_id = self._id_of(path, kind)
                if object_id is not None and object_id in known:
                    continue
                status = path.lstat()
                yield Orphan(
                    kind=OrphanKind.STRANGER if object_id is None else kind,
                    object_id=object_id,
                    name=str(path.relative_to(self._root)),
                    stored_length=status.st_size,
                    modified=datetime.fromtimestamp(status.st_mtime, tz=UTC),
                )

    def _staged(self, object_id: UUID) -> Path:
        return self._staging / str(object_id)

    def _sealed(self, object_id: UUID) -> Path:
        name = str(object_id)
        return self._objects / name[:2] / name

    def _id_of(self, path: Path, kind: OrphanKind) -> UUID | None:
        try:
            object_id = UUID(path.name)
        except ValueError:
            return None
        expected = self._staged(object_id) if kind is OrphanKind.STAGING else self._sealed(object_id)
        return object_id if path == expected else None

    def _drop_staged_name(self, object_id: UUID) -> None:
        staged = self._staged(object_id)
        try:
            same = staged.samefile(self._sealed(object_id))
        except FileNotFoundError:
            return
        if not same:
            raise ObjectExistsError(object_id)
        staged.unlink(missing_ok=True)
        sync_folder(self._staging)

    def _check_length(self, object_id: UUID, extents: Sequence[int]) -> None:
        expected = stored_object_length(extents)
        with self._open(object_id) as file:
            found = os.fstat(file.fileno()).st_size
        if found != expected:
            raise ObjectDamagedError(object_id, f"its file has {found} bytes where {expected} were written")

    def _stream(
        self, object_id: UUID, extents: Sequence[int], key: bytes, start: int, stop: int
    ) -> Iterator[bytes]:
        with self._open(object_id) as file:
            yield from read_object(file, object_id, extents, key, start, stop)

    @contextmanager
    def _open(self, object_id: UUID) -> Iterator[FileIO]:
        """Open a sealed object; a fault of the disk is told apart from damage."""
        try:
            with ReadAhead(os.open(self._sealed(object_id), os.O_RDONLY | OPEN_ALWAYS)) as file:
                yield file
        except FileNotFoundError:
            raise ObjectMissingError(object_id) from None
        except OSError as error:
            raise ObjectUnreadableError(object_id, error.strerror or "the disk failed") from error
