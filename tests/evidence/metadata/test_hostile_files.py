"""Every malformed file, and photos, go through examine(): no crash, no hang, no escape, no silence.

All photos are read in test_corpus.py as well, in one child. Here each file has its children for itself, which costs
some tenths of a second of a processor, so of the photos, which are sound, only every fourth is taken.
"""

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest

from custody.proof import canonical
from evidence.metadata.extract import examine
from evidence.metadata.outcome import Extraction, Outcome
from evidence.metadata.table import fits
from tests import corpus

NAMES = ["file_type", "image", "mail", "office", "pdf", "archive", "disk_image"]
# The slowest of the corpus takes some tenths of a second; the machine may be busy with other things.
LONGEST_SECONDS = 20
STEP = {"malformed": 1, "photos": 4}
# A zip that must be refused or flagged: the words that do it.
FLAGS = {
    "yauzl-01": "The archive is damaged",
    "yauzl-03": "not the comment that it announces",
    "yauzl-05": "Names that are absolute",
    "yauzl-07": "The archive is damaged",
    "yauzl-09": "The archive is damaged",
    # Their damage lies in the packed data, which is not touched; the answer says so.
    "yauzl-11": "nothing was unpacked",
    "yauzl-13": "Names that are absolute or lead out",
    "yauzl-15": "one part of several",
    "yauzl-17": "Encrypted entries",
    "yauzl-19": "nothing was unpacked",
    "yauzl-21": "neither stored nor deflate",
    "yauzl-23": "The archive is damaged",
}


@cache
def examined(folder: str) -> dict[str, tuple[list[Extraction], float]]:
    """Examine all files of a folder, two at a time, as two workers do."""
    files = [path for path in corpus.files(f"{folder}/**/*") if "expected" not in path.parts][:: STEP[folder]]
    with ThreadPoolExecutor(2) as workers:
        answers = list(workers.map(one, files))
    return {str(path.relative_to(corpus.root())): answer for path, answer in zip(files, answers, strict=True)}


def one(path: Path) -> tuple[list[Extraction], float]:
    begin = time.monotonic()
    with path.open("rb") as file:
        answers = examine(file, path.stat().st_size)
    return answers, time.monotonic() - begin


@pytest.mark.parametrize("folder", ["malformed", "photos"])
def test_every_file_gets_an_answer_of_every_extractor_in_time(folder: str) -> None:
    files = examined(folder)
    assert len(files) > 40
    for path, (answers, seconds) in files.items():
        assert [answer.extractor for answer in answers] == NAMES, path
        assert answers[0].outcome == Outcome.FOUND, (path, answers[0].message)
        assert seconds < LONGEST_SECONDS, (path, seconds)
        for answer in answers:
            assert answer.values or answer.message, (path, answer.extractor)
            assert (answer.outcome == Outcome.FOUND) == bool(answer.values), (path, answer)
            assert all(fits(name, value) for name, value in answer.values.items()), path
            canonical.dumps({"values": answer.values, "message": answer.message})


@pytest.mark.parametrize("folder", ["malformed", "photos"])
def test_no_file_of_the_corpus_kills_a_parser(folder: str) -> None:
    """Damage is found by our own checks, which say what it is; a parser that stops on its own is a gap in them."""
    stopped = {
        (path, answer.extractor): answer.message
        for path, (answers, _) in examined(folder).items()
        for answer in answers
        if answer.message.startswith("Not read:")
    }
    assert stopped == {}


def test_a_zip_that_must_be_refused_or_flagged_is() -> None:
    found = {}
    for path, (answers, _) in examined("malformed").items():
        if path.startswith("malformed/zip/"):
            archive = next(answer for answer in answers if answer.extractor == "archive")
            found[Path(path).name[:8]] = archive.message
    assert set(found) == set(FLAGS)
    for name, words in FLAGS.items():
        assert words in found[name], (name, found[name])


def test_no_entity_of_a_hostile_document_is_expanded_or_fetched() -> None:
    for path, (answers, _) in examined("malformed").items():
        if path.startswith("malformed/office/"):
            text = repr([answer.values for answer in answers])
            assert "root:" not in text, path
            assert len(text) < 100_000, path


def test_two_files_of_equal_md5_give_two_examinations() -> None:
    """Examination keeps nothing between files that a weak digest could confuse."""
    files = [corpus.path(f"malformed/collisions/md5-{n}.jpg") for n in (1, 2)]
    assert len({hashlib.sha256(file.read_bytes()).digest() for file in files}) == 2
    for file in files:
        assert one(file)[0][0].values["content_type"] == "image/jpeg"


def test_the_files_themselves_are_never_changed() -> None:
    path = corpus.path("malformed/image-pillow/truncated_jpeg.jpg")
    before = hashlib.sha256(path.read_bytes()).digest()
    one(path)
    assert hashlib.sha256(path.read_bytes()).digest() == before
