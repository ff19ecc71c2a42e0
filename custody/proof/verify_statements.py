"""Steps 11 and 12: opened statements, and what else the reader has at hand: files and another report."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .compare import Proven, Relation, relation
from .errors import MalformedError
from .findings import Audit, FindingCode, Level, counted
from .keyring import Keyring
from .policy import Policy
from .reading import Reading, RecordEntry, read
from .records import RecordType
from .verify_head import check_own_signature
from .verify_log import check_entries

# The claim that holds the SHA-256 of a file, in hexadecimal digits.
DIGEST_FIELD = "sha256"
# The records that bring a file in. Others state hashes too: a check that found the stored copy altered, its new one.
BRING_FILES = frozenset(
    {
        RecordType.ITEM_INTAKE,
        RecordType.ITEM_QUARANTINE,
        RecordType.COPY_MAKE,
        RecordType.DERIVATIVE_MAKE,
        RecordType.DISCLOSURE_PACKAGE,
        RecordType.REPORT_ISSUED,
    }
)
# The claim of an offer that says to whom; who they are is its member `person`.
TAKER_FIELD = "taker"


@dataclass(frozen=True)
class EvidenceFile:
    """A file that the reader holds: its name for sentences, its SHA-256 in hexadecimal digits."""

    name: str
    sha256: str


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


def check_takers(reading: Reading, keyring: Keyring, audit: Audit) -> None:
    """(11) Whoever accepts a transfer is the person whom its offer names, where the bundle opens that."""
    takers: dict[bytes, str] = {}
    for part in reading.parts.openings:
        entry, value = reading.at.get(part.index), part.opening.value
        person = value.get("person") if isinstance(value, Mapping) else None
        is_taker = isinstance(person, str) and part.opening.field == TAKER_FIELD
        if isinstance(entry, RecordEntry) and entry.record.type is RecordType.TRANSFER_OFFER and is_taker:
            takers[entry.leaf] = str(person)
    for one in reading.records:
        history = keyring.find(one.record.actor)
        if one.record.type is not RecordType.TRANSFER_ACCEPT or history is None:
            continue
        named = [takers[ref] for ref in one.record.refs if ref in takers]
        if named and named[0] != str(history.key.person):
            audit.add(
                FindingCode.TAKER_NOT_NAMED,
                f"Person {history.key.person} accepted a transfer that was offered to another.",
                index=one.index,
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
        entry, value = reading.at.get(part.index), part.opening.value
        brings = isinstance(entry, RecordEntry) and entry.record.type in BRING_FILES
        if brings and part.opening.field == DIGEST_FIELD and isinstance(value, str):
            known.setdefault(value, part.index)
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
    """(12) Another bundle of the log must not contradict this one. Returns both signed notes if it does.

    The log's own signature is enough here: a fork needs no witness to have been fooled.
    """
    scratch = Audit()
    reading = read(data, scratch)
    checkpoint = check_own_signature(reading, policy, scratch) if reading else None
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
