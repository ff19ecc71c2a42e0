"""Step 2: the signed head of the log. Who signed it: the log, its post-quantum key, the witnesses; are they enough?

The log's own signature and the witnesses' are looked at apart: two heads that the log has signed prove a fork
whether or not a witness was fooled with one of them.
"""

from datetime import UTC, datetime

from .checkpoint import Checkpoint, Note, parse_checkpoint, parse_note
from .errors import MalformedError, PolicyError, SignatureError
from .findings import Audit, FindingCode, counted
from .members import format_time
from .policy import NO_QUORUM, Policy, check_log, cosignatures, is_reached
from .reading import Reading


def check_checkpoint(reading: Reading, policy: Policy, audit: Audit) -> Checkpoint | None:
    """(2) Three lines, a known origin, every signature of a known key, and the quorum of witnesses."""
    read = _read(reading, audit)
    if read is None:
        return None
    note, checkpoint = read
    _check_log(note, checkpoint, policy, audit)
    if policy.log_keys(checkpoint.origin):
        _check_witnesses(note, checkpoint, policy, audit)
    return checkpoint


def check_own_signature(reading: Reading, policy: Policy, audit: Audit) -> Checkpoint | None:
    """Check what the log itself has signed, whoever else has: enough to hold the log to its word."""
    read = _read(reading, audit)
    if read is None:
        return None
    _check_log(*read, policy, audit)
    return read[1]


def _read(reading: Reading, audit: Audit) -> tuple[Note, Checkpoint] | None:
    try:
        note = parse_note(reading.parts.checkpoint)
        return note, parse_checkpoint(note.text)
    except MalformedError as error:
        audit.add(FindingCode.CHECKPOINT_MALFORMED, str(error))
        return None


def _check_log(note: Note, checkpoint: Checkpoint, policy: Policy, audit: Audit) -> None:
    try:
        check_log(note, checkpoint, policy)
    except PolicyError as error:
        audit.add(FindingCode.CHECKPOINT_ORIGIN, str(error))
    except SignatureError as error:
        audit.add(FindingCode.CHECKPOINT_SIGNATURE, f"The head of the log is not signed by the log: {error}")
    audit.passed(
        2, f"The log {checkpoint.origin} has signed its head over {counted(checkpoint.size, 'entry')}."
    )


def _check_witnesses(note: Note, checkpoint: Checkpoint, policy: Policy, audit: Audit) -> None:
    try:
        times = cosignatures(note, policy)
    except SignatureError as error:
        sentence = f"A witness that the policy knows did not make the signature that bears its name: {error}"
        audit.add(FindingCode.WITNESS_SIGNATURE, sentence)
        return
    if not is_reached(policy, times.keys()):
        missing = ", ".join(witness.name for witness in policy.witnesses if witness.name not in times)
        audit.add(
            FindingCode.WITNESS_QUORUM,
            f"The policy asks that {policy.quorum} has cosigned the head of the log. Too few have: no "
            f"cosignature of {missing}.",
        )
    _tell_post_quantum(checkpoint, policy, not _own(policy, checkpoint).isdisjoint(times), audit)
    outside = policy.outside(checkpoint.origin)
    for witness in outside:
        if witness.name in times:
            said = _moment(times[witness.name])
            audit.passed(
                2, f"The witness {witness.name} ({witness.key.name}) has cosigned this head at {said}."
            )
    if not outside:
        audit.add(
            FindingCode.NO_WITNESS,
            "No witness is configured: that the log shows everybody the same history rests on the log's own "
            "word and on the heads that signers saw.",
        )
    elif not any(witness.name in times for witness in outside):
        if is_reached(policy, times.keys()):
            audit.add(
                FindingCode.WITNESSES_SILENT,
                "The policy names witnesses and asks for none of them, and none has cosigned this head.",
            )
    elif policy.quorum != NO_QUORUM:
        audit.passed(2, "The witnesses that the policy asks for have cosigned this head.")


def _own(policy: Policy, checkpoint: Checkpoint) -> set[str]:
    return {witness.name for witness in policy.own_keys(checkpoint.origin)}


def _tell_post_quantum(checkpoint: Checkpoint, policy: Policy, signed: bool, audit: Audit) -> None:
    if not policy.own_keys(checkpoint.origin):
        audit.add(
            FindingCode.NO_POST_QUANTUM_KEY,
            "The policy names no post-quantum key of the log: its head rests on a classical signature alone.",
        )
    elif signed:
        audit.passed(2, "The log has signed this head with its post-quantum key too (ML-DSA-44).")
    else:
        audit.add(
            FindingCode.POST_QUANTUM_MISSING,
            "The policy names a post-quantum key of the log, and this head does not bear its signature.",
        )


def _moment(time: int) -> str:
    try:
        return format_time(datetime.fromtimestamp(time, UTC))
    except (OverflowError, ValueError, OSError):  # a year that no calendar here has
        return f"{time} seconds after 1970"
