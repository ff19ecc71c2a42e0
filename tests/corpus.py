"""Find the test corpus: files that nobody on this project wrote, kept outside the repository.

It is the folder `../shared/corpus` beside the checkout, or the one that UNBROKEN_CORPUS names. Without it the
tests that need it say "not run"; a missing file inside it is a failure.
"""

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[2] / "shared" / "corpus"


def root() -> Path:
    """Give the folder of the corpus, or report the calling test as not run."""
    folder = Path(os.environ.get("UNBROKEN_CORPUS") or _BESIDE)
    if not folder.is_dir():
        pytest.skip(f"not run: there is no test corpus at {folder}", allow_module_level=True)
    return folder


def path(relative: str) -> Path:
    """Give one file or folder of the corpus."""
    found = root() / relative
    if not found.exists():
        raise FileNotFoundError(f"the test corpus has no {relative}")
    return found


def files(pattern: str) -> list[Path]:
    """Give the files that match a glob pattern; an empty answer is a failure, not a passed test."""
    found = sorted(one for one in root().glob(pattern) if one.is_file())
    if not found:
        raise FileNotFoundError(f"the test corpus has nothing like {pattern}")
    return found
