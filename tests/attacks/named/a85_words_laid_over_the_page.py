"""Words are laid over the page in an update behind the seal."""

from custody.proof.findings import FindingCode as C
from tests.attacks.named import Attempt
from tests.proof import forging, sealed

THREAT = 9
WHO = "forger of reports"


def attempt() -> Attempt:
    overlay = sealed.stream(b"", b"BT (Exhibit B-7) Tj ET")
    update = b"6 0 obj\n" + overlay + b"\nendobj\nxref\n0 1\n0000000000 65535 f\r\ntrailer\n<<>>\n%%EOF\n"
    return Attempt(forging.report() + update, (C.SEAL_RANGE,), forging.reader())
