"""What a replay of the ledger can find: the closed list of codes, their step, how bad each is, in words.

Nothing is checked here (replay.py and its neighbours do that) and nothing is printed (the command does).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

STEPS: tuple[str, ...] = (
    "",
    "Entries follow each other",
    "Entries can be read",
    "Hash tree",
    "Map",
    "Signed heads",
    "Genesis and keys",
    "Signatures and roles",
    "History of each item",
    "Heads that the signers saw",
    "Index of entries",
    "Opened statements",
    "Tables beside the ledger",
)


class Level(StrEnum):
    REMARK = "remark"
    FAILURE = "failure"


class Code(StrEnum):
    ENTRY_MISSING = "entry-missing"
    LEAF_HASH = "leaf-hash"
    WITHHELD = "withheld"
    WITHHELD_WITHOUT_ORDER = "withheld-without-order"
    CLOCK_BACKWARDS = "clock-backwards"

    ENTRY_MALFORMED = "entry-malformed"
    ENTRY_OTHER_LOG = "entry-other-log"

    HEAD_SIZE = "head-size"
    HEAD_FRONTIER = "head-frontier"
    NODE_WRONG = "node-wrong"
    NODE_MISSING = "node-missing"
    NODE_EXTRA = "node-extra"

    MAP_HEAD_SIZE = "map-head-size"
    MAP_HEAD_ROOT = "map-head-root"
    MAP_HEAD_SIGNATURE = "map-head-signature"
    MAP_NODE_WRONG = "map-node-wrong"

    CHECKPOINT_MISSING = "checkpoint-missing"
    CHECKPOINT_MALFORMED = "checkpoint-malformed"
    CHECKPOINT_ROOT = "checkpoint-root"
    CHECKPOINT_SIGNATURE = "checkpoint-signature"
    CHECKPOINT_WITHOUT_MAP_HEAD = "checkpoint-without-map-head"
    CHECKPOINT_AHEAD = "checkpoint-ahead"
    UNPUBLISHED = "unpublished"

    LOG_EMPTY = "log-empty"
    GENESIS_PIN = "genesis-pin"
    GENESIS_NOT_PINNED = "genesis-not-pinned"
    LOG_KEY_OTHER = "log-key-other"
    KEY_EVENT_INVALID = "key-event-invalid"

    SIGNER_UNKNOWN = "signer-unknown"
    SIGNER_WRONG = "signer-wrong"
    KEY_NOT_VALID = "key-not-valid"
    ROLE_NOT_ALLOWED = "role-not-allowed"
    SIGNATURE_INVALID = "signature-invalid"

    CHAIN_BROKEN = "chain-broken"
    CHAIN_RULE = "chain-rule"
    CHAIN_NOT_FOLLOWED = "chain-not-followed"

    SEEN_AHEAD = "seen-ahead"
    SEEN_FORK = "seen-fork"

    INDEX_MISSING = "index-missing"
    INDEX_EXTRA = "index-extra"

    OPENING_UNKNOWN = "opening-unknown"
    OPENING_MISMATCH = "opening-mismatch"
    OPENING_WITHOUT_ORDER = "opening-without-order"

    ROW_MISSING = "row-missing"
    ROW_UNKNOWN = "row-unknown"
    ROW_DIFFERS = "row-differs"
    ROW_NOT_COMPARED = "row-not-compared"


_C = Code
_STEP_OF: Mapping[Code, int] = MappingProxyType(
    {
        **dict.fromkeys((_C.ENTRY_MISSING, _C.LEAF_HASH, _C.WITHHELD, _C.WITHHELD_WITHOUT_ORDER), 1),
        **dict.fromkeys((_C.CLOCK_BACKWARDS,), 1),
        **dict.fromkeys((_C.ENTRY_MALFORMED, _C.ENTRY_OTHER_LOG), 2),
        **dict.fromkeys((_C.HEAD_SIZE, _C.HEAD_FRONTIER), 3),
        **dict.fromkeys((_C.NODE_WRONG, _C.NODE_MISSING, _C.NODE_EXTRA), 3),
        **dict.fromkeys((_C.MAP_HEAD_SIZE, _C.MAP_HEAD_ROOT, _C.MAP_HEAD_SIGNATURE, _C.MAP_NODE_WRONG), 4),
        **dict.fromkeys((_C.CHECKPOINT_MISSING, _C.CHECKPOINT_MALFORMED, _C.CHECKPOINT_ROOT), 5),
        **dict.fromkeys((_C.CHECKPOINT_SIGNATURE, _C.CHECKPOINT_WITHOUT_MAP_HEAD), 5),
        **dict.fromkeys((_C.CHECKPOINT_AHEAD, _C.UNPUBLISHED), 5),
        **dict.fromkeys((_C.LOG_EMPTY, _C.GENESIS_PIN, _C.GENESIS_NOT_PINNED), 6),
        **dict.fromkeys((_C.LOG_KEY_OTHER, _C.KEY_EVENT_INVALID), 6),
        **dict.fromkeys((_C.SIGNER_UNKNOWN, _C.SIGNER_WRONG, _C.KEY_NOT_VALID), 7),
        **dict.fromkeys((_C.ROLE_NOT_ALLOWED, _C.SIGNATURE_INVALID), 7),
        **dict.fromkeys((_C.CHAIN_BROKEN, _C.CHAIN_RULE, _C.CHAIN_NOT_FOLLOWED), 8),
        **dict.fromkeys((_C.SEEN_AHEAD, _C.SEEN_FORK), 9),
        **dict.fromkeys((_C.INDEX_MISSING, _C.INDEX_EXTRA), 10),
        **dict.fromkeys((_C.OPENING_UNKNOWN, _C.OPENING_MISMATCH, _C.OPENING_WITHOUT_ORDER), 11),
        **dict.fromkeys((_C.ROW_MISSING, _C.ROW_UNKNOWN, _C.ROW_DIFFERS, _C.ROW_NOT_COMPARED), 12),
    }
)
_REMARKS = frozenset(
    {
        _C.WITHHELD,
        _C.CLOCK_BACKWARDS,
        _C.UNPUBLISHED,
        _C.GENESIS_NOT_PINNED,
        _C.CHAIN_NOT_FOLLOWED,
        _C.ROW_NOT_COMPARED,
    }
)
# One cause makes everything after it wrong: what follows is counted instead of listed.
_FOLLOWS = frozenset(
    {
        _C.CHECKPOINT_ROOT,
        _C.MAP_HEAD_ROOT,
        _C.SEEN_FORK,
        _C.CHECKPOINT_SIGNATURE,
        _C.MAP_HEAD_SIGNATURE,
        _C.MAP_NODE_WRONG,
        _C.NODE_WRONG,
        _C.ENTRY_OTHER_LOG,
        _C.ROW_NOT_COMPARED,
    }
)


@dataclass(frozen=True)
class Finding:
    """One sentence; `index` is the entry it is about, `times` how often the same followed from it."""

    code: Code
    sentence: str
    index: int | None = None
    times: int = 1

    @property
    def step(self) -> int:
        return _STEP_OF[self.code]

    @property
    def level(self) -> Level:
        return Level.REMARK if self.code in _REMARKS else Level.FAILURE


class Findings:
    """Collect every finding; never stop at the first."""

    def __init__(self) -> None:
        self._found: list[Finding] = []
        self._first: dict[Code, int] = {}

    def add(self, code: Code, sentence: str, index: int | None = None) -> None:
        """Note a finding; of those that follow from an earlier one only the number grows."""
        at = self._first.get(code)
        if at is not None and code in _FOLLOWS:
            earlier = self._found[at]
            self._found[at] = replace(earlier, times=earlier.times + 1)
            return
        self._first.setdefault(code, len(self._found))
        self._found.append(Finding(code, sentence, index))

    def __iter__(self) -> Iterator[Finding]:
        """Give the findings by step, in the order in which they were found within a step."""
        return iter(sorted(self._found, key=lambda finding: finding.step))

    def failed(self) -> bool:
        """Tell whether anything is wrong; remarks are not."""
        return any(finding.level is Level.FAILURE for finding in self._found)
