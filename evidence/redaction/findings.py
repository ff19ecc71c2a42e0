"""Collect hits and remarks while a copy is made."""

from dataclasses import dataclass, field

from evidence.redaction.registry import Hit, Remark

# A file made of nothing but names; the rest is replaced all the same.
MAX_HITS = 20_000


@dataclass
class Findings:
    """What was hit and remarked so far."""

    hits: list[Hit] = field(default_factory=list)
    remarks: dict[str, None] = field(default_factory=dict)

    def remark(self, remark: str) -> None:
        """Note a remark once."""
        self.remarks[str(remark)] = None

    def hit(self, hit: Hit) -> None:
        """Note a hit, up to a number that a reader can use."""
        if len(self.hits) < MAX_HITS:
            self.hits.append(hit)
        else:
            self.remark(Remark.HITS_NOT_ALL_LISTED)
