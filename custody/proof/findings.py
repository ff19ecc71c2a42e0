"""Name everything a verification can find, in which step, and how bad it is; collect findings into a verdict.

The table below is closed: docs/proof-format.md explains every code, and the tests hold a bad bundle for each.
Nothing here checks anything (verify.py and its neighbours do) or prints anything (verdict_text.py does).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from types import MappingProxyType

from .errors import ProofError


class Level(StrEnum):
    OK = "ok"
    REMARK = "remark"
    FAILURE = "failure"


class ExitCode(IntEnum):
    VERIFIED = 0
    WITH_REMARKS = 1
    NOT_VERIFIED = 2


# The order is normative: docs/proof-format.md, section 7.
STEPS: tuple[str, ...] = (
    "Input",
    "Strict reading",
    "Checkpoint",
    "Entries are in the log",
    "Map head",
    "Nothing is left out",
    "Genesis and keys",
    "Signatures and roles",
    "History of each item",
    "Heads that the signers saw",
    "Outside time stamps",
    "Opened statements",
    "Files and other reports",
)


class FindingCode(StrEnum):
    PASSED = "passed"
    STEP_NOT_RUN = "step-not-run"

    INPUT_UNREADABLE = "input-unreadable"
    POLICY_UNREADABLE = "policy-unreadable"
    POLICY_NOT_PINNED = "policy-not-pinned"
    PDF_BUNDLE_MISSING = "pdf-bundle-missing"
    PDF_BUNDLE_SEVERAL = "pdf-bundle-several"
    PDF_BUNDLE_DAMAGED = "pdf-bundle-damaged"
    SEAL_MISSING = "seal-missing"
    SEAL_RANGE = "seal-range"
    SEAL_MALFORMED = "seal-malformed"
    SEAL_DIGEST = "seal-digest"
    SEAL_SIGNATURE = "seal-signature"
    SEAL_CERTIFICATE = "seal-certificate"
    SEAL_NOT_PINNED = "seal-not-pinned"
    SEAL_STAMP = "seal-stamp"
    SEAL_STAMP_NOT_COUNTED = "seal-stamp-not-counted"

    BUNDLE_MALFORMED = "bundle-malformed"
    ENTRY_MALFORMED = "entry-malformed"

    CHECKPOINT_MALFORMED = "checkpoint-malformed"
    CHECKPOINT_ORIGIN = "checkpoint-origin"
    CHECKPOINT_SIGNATURE = "checkpoint-signature"
    CHECKPOINT_POLICY = "checkpoint-policy"
    WITNESS_SIGNATURE = "witness-signature"
    WITNESS_QUORUM = "witness-quorum"
    WITNESSES_SILENT = "witnesses-silent"
    NO_WITNESS = "no-witness"
    POST_QUANTUM_MISSING = "post-quantum-missing"
    NO_POST_QUANTUM_KEY = "no-post-quantum-key"

    ENTRY_ORDER = "entry-order"
    ENTRY_NOT_INCLUDED = "entry-not-included"
    ENTRY_REPEATED = "entry-repeated"
    ENTRY_OTHER_LOG = "entry-other-log"
    ENTRY_WITHHELD = "entry-withheld"
    WITHHELD_WITHOUT_ORDER = "withheld-without-order"

    MAP_HEAD_MISSING = "map-head-missing"
    MAP_HEAD_INVALID = "map-head-invalid"
    MAP_HEAD_SIGNATURE = "map-head-signature"

    SCOPE_NOT_STATED = "scope-not-stated"
    SCOPE_EMPTY = "scope-empty"
    MAP_PROOF_MISSING = "map-proof-missing"
    MAP_PROOF_INVALID = "map-proof-invalid"
    ENTRIES_MISSING = "entries-missing"
    ITEM_NOT_COVERED = "item-not-covered"

    GENESIS_MISSING = "genesis-missing"
    GENESIS_PIN = "genesis-pin"
    KEY_EVENT_INVALID = "key-event-invalid"
    KEY_HISTORY_MISSING = "key-history-missing"
    POLICY_HISTORY_MISSING = "policy-history-missing"
    KEY_SUSPECT = "key-suspect"

    SIGNER_UNKNOWN = "signer-unknown"
    SIGNER_WRONG = "signer-wrong"
    SIGNATURE_INVALID = "signature-invalid"
    PASSKEY_FORM = "passkey-form"
    PASSKEY_MALFORMED = "passkey-malformed"
    PASSKEY_TYPE = "passkey-type"
    PASSKEY_CHALLENGE = "passkey-challenge"
    PASSKEY_SITE = "passkey-site"
    PASSKEY_ORIGIN = "passkey-origin"
    PASSKEY_RP = "passkey-rp"
    PASSKEY_USER = "passkey-user"
    PASSKEY_BACKUP = "passkey-backup"
    KEY_NOT_VALID = "key-not-valid"
    ROLE_NOT_ALLOWED = "role-not-allowed"

    CHAIN_BROKEN = "chain-broken"
    CHAIN_RULE = "chain-rule"
    CHAIN_NOT_FOLLOWED = "chain-not-followed"

    SEEN_NOT_PROVEN = "seen-not-proven"
    SEEN_FORK = "seen-fork"
    SEEN_AHEAD = "seen-ahead"

    NO_TIME_STAMP = "no-time-stamp"
    ANCHOR_INVALID = "anchor-invalid"
    ANCHOR_FORK = "anchor-fork"
    ANCHOR_NOT_PINNED = "anchor-not-pinned"
    ANCHOR_EXPIRED = "anchor-expired"
    ANCHOR_RENEWED = "anchor-renewed"
    TIME_OUTSIDE_WINDOW = "time-outside-window"
    TIME_BACKWARDS = "time-backwards"

    OPENING_UNKNOWN = "opening-unknown"
    OPENING_MISMATCH = "opening-mismatch"
    TAKER_NOT_NAMED = "taker-not-named"
    CLAIMS_WITHHELD = "claims-withheld"

    EVIDENCE_UNREADABLE = "evidence-unreadable"
    EVIDENCE_MISMATCH = "evidence-mismatch"
    EVIDENCE_NOT_COMPARED = "evidence-not-compared"
    FORK_PROVEN = "fork-proven"
    OTHER_NOT_USABLE = "other-not-usable"
    OTHER_NOT_COMPARED = "other-not-compared"
    RECEIPT_NOT_USABLE = "receipt-not-usable"
    RECEIPT_MISMATCH = "receipt-mismatch"
    RECEIPT_LATER_BYTES = "receipt-later-bytes"
    RECEIPT_SIGNER_UNKNOWN = "receipt-signer-unknown"


_C = FindingCode
_OK, _REMARK, _FAILURE = Level.OK, Level.REMARK, Level.FAILURE

# Step and level of each code. PASSED and STEP_NOT_RUN belong to every step and are not in it.
MEANING: Mapping[FindingCode, tuple[int, Level]] = MappingProxyType(
    {
        _C.INPUT_UNREADABLE: (0, _FAILURE),
        _C.POLICY_UNREADABLE: (0, _FAILURE),
        _C.POLICY_NOT_PINNED: (0, _REMARK),
        _C.PDF_BUNDLE_MISSING: (0, _FAILURE),
        _C.PDF_BUNDLE_SEVERAL: (0, _FAILURE),
        _C.PDF_BUNDLE_DAMAGED: (0, _FAILURE),
        _C.SEAL_MISSING: (0, _FAILURE),
        _C.SEAL_RANGE: (0, _FAILURE),
        _C.SEAL_MALFORMED: (0, _FAILURE),
        _C.SEAL_DIGEST: (0, _FAILURE),
        _C.SEAL_SIGNATURE: (0, _FAILURE),
        _C.SEAL_CERTIFICATE: (0, _FAILURE),
        _C.SEAL_NOT_PINNED: (0, _REMARK),
        _C.SEAL_STAMP: (0, _FAILURE),
        _C.SEAL_STAMP_NOT_COUNTED: (0, _REMARK),
        _C.BUNDLE_MALFORMED: (1, _FAILURE),
        _C.ENTRY_MALFORMED: (1, _FAILURE),
        _C.CHECKPOINT_MALFORMED: (2, _FAILURE),
        _C.CHECKPOINT_ORIGIN: (2, _FAILURE),
        _C.CHECKPOINT_SIGNATURE: (2, _FAILURE),
        _C.CHECKPOINT_POLICY: (2, _FAILURE),
        _C.WITNESS_SIGNATURE: (2, _FAILURE),
        _C.WITNESS_QUORUM: (2, _FAILURE),
        _C.WITNESSES_SILENT: (2, _REMARK),
        _C.NO_WITNESS: (2, _OK),
        _C.POST_QUANTUM_MISSING: (2, _REMARK),
        _C.NO_POST_QUANTUM_KEY: (2, _OK),
        _C.ENTRY_ORDER: (3, _FAILURE),
        _C.ENTRY_NOT_INCLUDED: (3, _FAILURE),
        _C.ENTRY_REPEATED: (3, _FAILURE),
        _C.ENTRY_OTHER_LOG: (3, _FAILURE),
        _C.ENTRY_WITHHELD: (3, _REMARK),
        _C.WITHHELD_WITHOUT_ORDER: (3, _FAILURE),
        _C.MAP_HEAD_MISSING: (4, _FAILURE),
        _C.MAP_HEAD_INVALID: (4, _FAILURE),
        _C.MAP_HEAD_SIGNATURE: (4, _FAILURE),
        _C.SCOPE_NOT_STATED: (5, _REMARK),
        _C.SCOPE_EMPTY: (5, _REMARK),
        _C.MAP_PROOF_MISSING: (5, _FAILURE),
        _C.MAP_PROOF_INVALID: (5, _FAILURE),
        _C.ENTRIES_MISSING: (5, _FAILURE),
        _C.ITEM_NOT_COVERED: (5, _REMARK),
        _C.GENESIS_MISSING: (6, _FAILURE),
        _C.GENESIS_PIN: (6, _FAILURE),
        _C.KEY_EVENT_INVALID: (6, _FAILURE),
        _C.KEY_HISTORY_MISSING: (6, _FAILURE),
        _C.POLICY_HISTORY_MISSING: (6, _FAILURE),
        _C.KEY_SUSPECT: (6, _REMARK),
        _C.SIGNER_UNKNOWN: (7, _FAILURE),
        _C.SIGNER_WRONG: (7, _FAILURE),
        _C.SIGNATURE_INVALID: (7, _FAILURE),
        _C.PASSKEY_FORM: (7, _FAILURE),
        _C.PASSKEY_MALFORMED: (7, _FAILURE),
        _C.PASSKEY_TYPE: (7, _FAILURE),
        _C.PASSKEY_CHALLENGE: (7, _FAILURE),
        _C.PASSKEY_SITE: (7, _FAILURE),
        _C.PASSKEY_ORIGIN: (7, _FAILURE),
        _C.PASSKEY_RP: (7, _FAILURE),
        _C.PASSKEY_USER: (7, _FAILURE),
        _C.PASSKEY_BACKUP: (7, _FAILURE),
        _C.KEY_NOT_VALID: (7, _FAILURE),
        _C.ROLE_NOT_ALLOWED: (7, _FAILURE),
        _C.CHAIN_BROKEN: (8, _FAILURE),
        _C.CHAIN_RULE: (8, _FAILURE),
        _C.CHAIN_NOT_FOLLOWED: (8, _REMARK),
        _C.SEEN_NOT_PROVEN: (9, _FAILURE),
        _C.SEEN_FORK: (9, _FAILURE),
        _C.SEEN_AHEAD: (9, _FAILURE),
        _C.NO_TIME_STAMP: (10, _OK),
        _C.ANCHOR_INVALID: (10, _FAILURE),
        _C.ANCHOR_FORK: (10, _FAILURE),
        _C.ANCHOR_NOT_PINNED: (10, _REMARK),
        _C.ANCHOR_EXPIRED: (10, _REMARK),
        _C.ANCHOR_RENEWED: (10, _REMARK),
        _C.TIME_OUTSIDE_WINDOW: (10, _REMARK),
        _C.TIME_BACKWARDS: (10, _REMARK),
        _C.OPENING_UNKNOWN: (11, _FAILURE),
        _C.OPENING_MISMATCH: (11, _FAILURE),
        _C.TAKER_NOT_NAMED: (11, _FAILURE),
        _C.CLAIMS_WITHHELD: (11, _OK),
        _C.EVIDENCE_UNREADABLE: (12, _FAILURE),
        _C.EVIDENCE_MISMATCH: (12, _FAILURE),
        _C.EVIDENCE_NOT_COMPARED: (12, _REMARK),
        _C.FORK_PROVEN: (12, _FAILURE),
        _C.OTHER_NOT_USABLE: (12, _REMARK),
        _C.OTHER_NOT_COMPARED: (12, _REMARK),
        _C.RECEIPT_NOT_USABLE: (12, _FAILURE),
        _C.RECEIPT_MISMATCH: (12, _FAILURE),
        _C.RECEIPT_LATER_BYTES: (12, _REMARK),
        _C.RECEIPT_SIGNER_UNKNOWN: (12, _REMARK),
    }
)


def counted(number: int, noun: str) -> str:
    """Write a number of things: 1 entry, 2 entries."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun[:-1]}ies" if noun.endswith("y") else f"{number} {noun}s"


class FoundError(ProofError):
    """Something that ends a step: a finding on its way to the audit."""

    def __init__(self, code: FindingCode, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True)
class Finding:
    """One sentence about one step; `index` is the log index of the entry it is about, if it is about one."""

    code: FindingCode
    step: int
    level: Level
    sentence: str
    index: int | None = None


class Audit:
    """Collect every finding of one verification; it never stops at the first."""

    def __init__(self) -> None:
        self._findings: list[Finding] = []

    def add(self, code: FindingCode, sentence: str, *, index: int | None = None) -> None:
        """Note a finding; its step and level are those of its code."""
        step, level = MEANING[code]
        self._findings.append(Finding(code, step, level, sentence, index))

    def passed(self, step: int, sentence: str) -> None:
        """Say that a step found nothing wrong, unless it found something."""
        if not self.failed(step):
            self._findings.append(Finding(FindingCode.PASSED, step, Level.OK, sentence))

    def not_run(self, steps: Iterable[int], because: str) -> None:
        """Say that these steps were not run: not checked is not fine."""
        for step in steps:
            self._findings.append(Finding(FindingCode.STEP_NOT_RUN, step, Level.REMARK, because))

    def failed(self, *steps: int) -> bool:
        """Tell whether one of these steps (without argument: any step) has a failure."""
        return any(f.level is Level.FAILURE and (not steps or f.step in steps) for f in self._findings)

    def mentions(self, step: int) -> bool:
        """Tell whether anything was said about this step."""
        return any(finding.step == step for finding in self._findings)

    def findings(self) -> tuple[Finding, ...]:
        """Give the findings by step, in the order in which they were found within a step."""
        return tuple(sorted(self._findings, key=lambda finding: finding.step))
