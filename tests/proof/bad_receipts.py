"""Bad receipts of reports, one for each finding code that step 12 has for them; bad.py lists them with the others."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from custody.proof.findings import FindingCode
from custody.proof.records import Role
from custody.proof.verdict import Verdict
from custody.proof.verify import Question, verify_report
from tests.proof import sealed
from tests.proof.issued import Issued, issue
from tests.proof.world import Person

_C = FindingCode
AUTHORITY = sealed.root()
SIGNER = AUTHORITY.issue("Seal of the agency")


def _judge(
    receipt: Callable[[Issued], bytes] = lambda issued: issued.text, by: Person | None = None, **said: str
) -> Verdict:
    """Issue a report, or say in its record that it was another one, and judge it with its receipt."""
    issued = issue(SIGNER, by, **said)
    policy = replace(issued.told.world.policy, seals=(AUTHORITY.pin,))
    return verify_report(issued.pdf, Question(policy=policy, receipt=receipt(issued)))


BAD_RECEIPTS: Mapping[FindingCode, Callable[[Path], Verdict]] = {
    _C.RECEIPT_NOT_USABLE: lambda folder: _judge(lambda issued: b"c2sp.org/tlog-proof@v1"),
    _C.RECEIPT_MISMATCH: lambda folder: _judge(sha256="00" * 32, revision0_sha256="00" * 32),
    _C.RECEIPT_LATER_BYTES: lambda folder: _judge(sha256="00" * 32),
    _C.RECEIPT_SIGNER_UNKNOWN: lambda folder: _judge(by=Person.make("Machine", Role.SERVICE)),
}
