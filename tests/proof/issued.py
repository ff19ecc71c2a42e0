"""Reports that were issued in a world of the tests, with the receipts that prove it, honest and otherwise."""

import hashlib
from dataclasses import dataclass, replace

from custody.proof.canonical import JSON
from custody.proof.records import make_opening
from custody.proof.report_receipt import FIELDS, ReportReceipt, write
from tests.proof import sealed
from tests.proof.world import Person, Story, T, World, story


@dataclass(frozen=True)
class Issued:
    """A sealed report, its first revision, and what its receipt is made of."""

    told: Story
    pdf: bytes
    revision0: bytes
    receipt: ReportReceipt

    @property
    def text(self) -> bytes:
        return write(self.receipt).encode()


def issue(signer: sealed.Certified, by: Person | None = None, **changed: JSON) -> Issued:
    """Make, seal and record a report of an ordinary story; `changed` claims lie about it."""
    told = story()
    revision0 = sealed.report(told.world.bundle(told.item))
    pdf = sealed.seal(revision0, signer)
    claims: dict[str, JSON] = {
        "report": "4b9c61a4-6d0e-4c5e-9d34-0b6c5f0d8d11",
        "variant": "sealed",
        "revision0_sha256": hashlib.sha256(revision0).hexdigest(),
        "sha256": hashlib.sha256(pdf).hexdigest(),
        "requested_by": "Pia Prosecutor",
    }
    index = told.world.record(T.REPORT_ISSUED, by or told.world.service, claims=claims | changed)
    told.world.publish()
    return Issued(told, pdf, revision0, receipt_of(told.world, index))


def receipt_of(world: World, index: int) -> ReportReceipt:
    openings = tuple(one for one in world.openings[index] if one.field in FIELDS)
    return ReportReceipt(index, world.inclusion(index), world.note, world.entries[index], openings)


def reopened(receipt: ReportReceipt, field: str, value: str) -> ReportReceipt:
    """Say something else than was signed."""
    openings = [make_opening(field, value) if one.field == field else one for one in receipt.openings]
    return replace(receipt, openings=tuple(openings))
