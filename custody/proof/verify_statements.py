"""Steps 10 to 12: times, opened statements, and what else the reader has at hand: files and another report.

Time stamps by outside authorities are foreseen by the format and not checked by this version, which says so.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .checkpoint import Policy
from .compare import Proven, Relation, relation
from .errors import MalformedError
from .findings import Audit, FindingCode, Level, counted
from .members import format_time
from .reading import Reading, RecordEntry, read
from .verify_log import check_checkpoint, check_entries

# A person may sign up to a quarter of an hour after the record was made ready, and clocks differ.
TOLERANCE = timedelta(hours=1)
# The claim that holds the SHA-256 of a file, in hexadecimal digits.
DIGEST_FIELD = "sha256"


@dataclass(frozen=True)
class EvidenceFile:
    """A file that the reader holds: its name for sentences, its SHA-256 in hexadecimal digits."""

    name: str
    sha256: str


def check_times(reading: Reading, audit: Audit) -> None:
    """(10) No time stamp is checked; a claimed time that contradicts the order of the log is remarked on."""
    if reading.parts.anchors:
        audit.add(
            FindingCode.ANCHOR_NOT_CHECKED,
            f"Outside time stamps in the bundle: {len(reading.parts.anchors)}; this version checks none.",
        )
    else:
        audit.add(
            FindingCode.NO_TIME_STAMP,
            "No outside time stamp is configured: times are the signers' own statements, bounded by the "
            "order of the log.",
        )
    latest: datetime | None = None
    for entry in reading.records:
        time = entry.record.time
        if latest is not None and latest - time > TOLERANCE:
            audit.add(
                FindingCode.TIME_BACKWARDS,
                f"The signer states the time {format_time(time)}, an earlier entry {format_time(latest)}.",
                index=entry.index,
            )
        latest = time if latest is None else max(latest, time)


def check_openings(reading: Reading, audit: Audit) -> None:
    """(11) Each opening is of a claim in the bundle and is what was signed; the other claims are withheld."""
    for part in reading.parts.openings:
        entry, field = reading.at.get(part.index), part.opening.field
        if not isinstance(entry, RecordEntry) or field not in entry.record.claims:
            audit.add(
                FindingCode.OPENING_UNKNOWN, f"A statement ({field}) is of no record here.", index=part.index
            )
        elif not _opens(part.opening.commitment, entry.record.claims[field]):
            audit.add(
                FindingCode.OPENING_MISMATCH,
                f"The statement {field} is not the one that was signed.",
                index=part.index,
            )
    made = sum(len(entry.record.claims) for entry in reading.records)
    opened = len(reading.parts.openings)
    audit.passed(11, f"{counted(opened, 'statement')} opened here: each is the one that was signed.")
    if made > opened:
        audit.add(
            FindingCode.CLAIMS_WITHHELD,
            f"Withheld here: {made - opened} of {counted(made, 'signed statement')}.",
        )


def _opens(commitment: Callable[[], bytes], claim: bytes) -> bool:
    try:
        return commitment() == claim
    except MalformedError:
        return False


def check_evidence(files: Sequence[EvidenceFile], reading: Reading, audit: Audit) -> None:
    """(12) Each file given has the hash of one opened statement."""
    known: dict[str, int] = {}
    for part in reading.parts.openings:
        if part.opening.field == DIGEST_FIELD and isinstance(part.opening.value, str):
            known.setdefault(part.opening.value, part.index)
    for file in files:
        if file.sha256 in known:
            audit.passed(
                12, f"The file {file.name} is unchanged: its hash is the one in entry {known[file.sha256]}."
            )
        elif known:
            audit.add(
                FindingCode.EVIDENCE_MISMATCH,
                f"The file {file.name} is not one that the bundle names: its SHA-256 is {file.sha256}.",
            )
        else:
            audit.add(
                FindingCode.EVIDENCE_NOT_COMPARED,
                f"The file {file.name} could not be compared: the bundle opens no hash of a file.",
            )


def check_other(own: Proven, data: bytes, policy: Policy, audit: Audit) -> tuple[str, ...]:
    """(12) Another bundle of the log must not contradict this one. Returns both signed notes if it does."""
    scratch = Audit()
    reading = read(data, scratch)
    checkpoint = check_checkpoint(reading, policy, scratch) if reading else None
    if reading and checkpoint:
        check_entries(reading, checkpoint, scratch)
    if not reading or not checkpoint or scratch.failed():
        reasons = " ".join(
            finding.sentence for finding in scratch.findings() if finding.level is Level.FAILURE
        )
        audit.add(
            FindingCode.OTHER_NOT_USABLE, f"The other report was not compared; it does not verify: {reasons}"
        )
        return ()
    found = relation(own, Proven(reading, checkpoint))
    if found is Relation.FORK:
        audit.add(
            FindingCode.FORK_PROVEN,
            "The log has signed two histories that exclude each other. Keep both files: they prove it.",
        )
        return own.reading.parts.checkpoint, reading.parts.checkpoint
    if found is Relation.UNKNOWN:
        audit.add(
            FindingCode.OTHER_NOT_COMPARED,
            "The two reports do not say enough about each other to be compared; they do not contradict.",
        )
    else:
        audit.passed(12, "The other report is of the same history of the log.")
    return ()
