"""Write and read the receipt of a report: report.pdf.tlog-proof, a C2SP tlog-proof of its report.issued record.

The `extra` line holds what the leaf hash is computed from, as C2SP foresees: canonical JSON {"entry": the entry
as a string, "openings": [{field, salt, value}]}, base64. Nothing of it is trusted before verify_receipt.py has
led it to a signed head of the log.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from . import canonical, members
from .canonical import JSON
from .checkpoint import MAX_NOTE
from .digests import b64, unb64, unb64_hash
from .errors import MalformedError
from .records import MAX_ENTRY, Opening

HEAD = "c2sp.org/tlog-proof@v1"
# The statements of report.issued that a receipt opens: none of them names anybody.
FIELDS = frozenset({"report", "revision0_sha256", "sha256", "variant"})
# Entry and openings in base64, 64 hashes and the largest signed note.
MAX_RECEIPT = 4 * MAX_ENTRY + 64 * 45 + MAX_NOTE
_MAX_HASHES = 64
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,15})")


@dataclass(frozen=True)
class ReportReceipt:
    """Where the record of the issue lies, the hashes to the root of a signed head, the record and what it says."""

    index: int
    proof: tuple[bytes, ...]
    checkpoint: str
    entry: bytes
    openings: tuple[Opening, ...]


def write(receipt: ReportReceipt) -> str:
    """Write the receipt. Raises MalformedError if it could not be read again."""
    openings: list[JSON] = [
        {"field": one.field, "salt": b64(one.salt), "value": one.value} for one in receipt.openings
    ]
    extra = canonical.dumps({"entry": receipt.entry.decode("utf-8"), "openings": openings})
    lines = [HEAD, f"extra {b64(extra)}", f"index {receipt.index}", *map(b64, receipt.proof)]
    text = "\n".join(lines) + "\n\n" + receipt.checkpoint
    parse(text)
    return text


def parse(text: str) -> ReportReceipt:
    """Read the receipt strictly. Raises MalformedError; proves nothing."""
    if len(text) > MAX_RECEIPT:
        raise MalformedError(f"The receipt is longer than {MAX_RECEIPT} characters.")
    head, found, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if not found or lines[0] != HEAD or len(lines) < 3:
        raise MalformedError("The receipt is not a tlog-proof with the record it proves.")
    index = _INDEX.fullmatch(lines[2])
    if not lines[1].startswith("extra ") or index is None:
        raise MalformedError("The receipt does not say which record it proves, and where that lies.")
    if len(lines) - 3 > _MAX_HASHES:
        raise MalformedError(f"The receipt has more than {_MAX_HASHES} hashes.")
    extra = members.exactly(
        canonical.loads(unb64(lines[1].removeprefix("extra "))), ("entry", "openings"), "receipt"
    )
    entry = members.text(extra["entry"], "entry of a receipt").encode("utf-8")
    if len(entry) > MAX_ENTRY:
        raise MalformedError(f"An entry is larger than {MAX_ENTRY} bytes.")
    openings = tuple(_opening(one) for one in members.array(extra["openings"], "list of openings"))
    _closed_and_once([one.field for one in openings])
    return ReportReceipt(int(index[1]), tuple(map(unb64_hash, lines[3:])), checkpoint, entry, openings)


def _opening(value: JSON) -> Opening:
    parts = members.exactly(value, ("field", "salt", "value"), "opening")
    return Opening(
        members.text(parts["field"], "field of an opening"),
        members.hash32(parts["salt"], "salt of an opening"),
        members.text(parts["value"], "value of an opening"),
    )


def _closed_and_once(fields: Sequence[str]) -> None:
    if set(fields) - FIELDS or len(set(fields)) != len(fields):
        raise MalformedError("The receipt opens a statement twice, or one that does not belong into it.")
