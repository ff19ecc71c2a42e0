"""Make the golden reports: python -m tests.vectors.make_report FOLDER

Keys and salts are drawn anew, so it is run once for a version of the format, never over what exists.
"""

import sys
from dataclasses import replace
from pathlib import Path

from custody.proof import bundle
from custody.proof.bundle import WithheldPart
from custody.proof.policy import format_policy
from custody.proof.records import RecordType as T
from tests.proof import sealed
from tests.proof.world import story, without


def main(folder: Path) -> None:
    """Write a report, its bundle, the policy, and a later bundle of the same log with an erased entry."""
    folder.mkdir(parents=True)
    told = story()
    world = told.world
    world.transfer(told.second, world.ana, world.eve)
    world.revoke(world.eve)
    world.record(T.FIXITY_CHECK, world.service, told.second, claims={"result": "match"})
    world.publish()
    parts = world.parts()
    hidden = tuple(part for part in parts.openings if part.opening.field != "custodian")
    plain = bundle.build(replace(parts, openings=hidden))
    authority = sealed.root("Golden authority")
    policy = replace(world.policy, seals=(authority.pin,))
    (folder / "custody-proof.json").write_bytes(plain)
    (folder / "report.pdf").write_bytes(sealed.seal(sealed.report(plain), authority.issue("Golden seal")))
    (folder / "policy.txt").write_text(format_policy(policy), encoding="utf-8")
    order = world.erase(world.sara, told.accept)
    world.publish()
    parts = without(world.parts(), told.accept)
    erased = WithheldPart(told.accept, world.leaf(told.accept), order, world.inclusion(told.accept))
    entries = tuple(sorted((*parts.entries, erased), key=lambda part: part.index))
    (folder / "erased.json").write_bytes(bundle.build(replace(parts, entries=entries)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
