"""Name the reasons for which a mirror does not cosign.

    MirrorError
    ├── SourceError       the log cannot be read now; nothing is said about it
    ├── StateError        the mirror's own folder is damaged or in use; nothing is said about the log
    └── RefusedError      the log says what cannot be recomputed
        └── ForkError     it contradicts what it signed before; both notes are kept in `kept`

The texts are sentences for the person who runs the mirror.
"""

from pathlib import Path


class MirrorError(Exception):
    """The mirror does not cosign."""


class SourceError(MirrorError):
    """A file of the log is not there, too large, or cannot be fetched."""


class StateError(MirrorError):
    """The mirror's folder cannot be relied on."""


class RefusedError(MirrorError):
    """What the log shows is not what its entries say."""


class ForkError(RefusedError):
    """The log has signed two heads that exclude each other, or shows an older one as its newest."""

    def __init__(self, text: str, kept: Path) -> None:
        super().__init__(f"{text} Both signed heads are kept in {kept}.")
        self.kept = kept
