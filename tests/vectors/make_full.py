"""Make tests/vectors/full: a bundle with everything a verifier can meet (python -m tests.vectors.make_full).

Passkeys, two witnesses and the log's ML-DSA-44 key under a quorum, time stamps and their renewal, an erased entry, a
withdrawn opening, a key that two administrators enrolled. Keys are drawn afresh, so it is run once and its output frozen; make fuzz-verifiers changes it.
"""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from custody.proof import bundle, erasure
from custody.proof.bundle import WithheldPart
from custody.proof.note_keys import Cosigner, add_signatures
from custody.proof.policy import Group, Policy, Witness, format_policy
from custody.proof.prefix_map import mapkey
from custody.proof.records import Role
from custody.proof.signatures import Algorithm, SigningKey
from tests.proof import stamps
from tests.proof.bad_passkeys import holder
from tests.proof.passkeys import SITE, Passkey
from tests.proof.world import ORIGIN, Person, T, story, without

FOLDER = Path(__file__).with_name("full")
# When the certificate of the first authority has expired, and that of the second has not.
READ_AT = datetime(2036, 6, 1, tzinfo=UTC)


def main() -> None:
    told = story()
    world = told.world
    first = stamps.stamp(world, stamps_by := stamps.stamper())
    second_administrator = Person.make("Second Administrator", Role.ADMINISTRATOR)
    world.enrol(second_administrator)
    world.demand(2)
    new = Person.make("New Examiner", Role.EXAMINER)
    world.enrol(new, world.admin, second_administrator)
    world.record(T.NOTE, new, told.second, claims={"text": "Enrolled by two."})
    world.demand(1, second_administrator)
    person = holder(told, Passkey())
    world.record(T.NOTE, person, told.second, claims={"text": "Seal 4711 is whole."})
    world.publish()
    keys = {("item", str(told.second)), ("case", str(world.case)), ("keyuse", person.key.keyid)}
    note = world.record(T.NOTE, person, told.second, claims={"text": "To be erased."})
    erased = erasure.write_erased({note: [mapkey(*key) for key in keys]})
    order = world.record(T.ERASURE, world.sara, extra={"openings": [], "erased": erased})
    later = datetime(2035, 6, 1, tzinfo=UTC)
    world.publish()
    renewer = stamps.stamper("Later authority", begin=later)
    second = stamps.stamp(world, renewer, later)
    world.publish()
    parts = stamps.with_stamps(world, world.parts(), first, second)
    hidden = WithheldPart(note, world.leaf(note), order, world.inclusion(note))
    parts = without(parts, note)
    parts = replace(parts, entries=tuple(sorted((*parts.entries, hidden), key=lambda part: part.index)))
    policy_part = world.map_part(("policy", "log"))  # type: ignore[arg-type]
    if all(part.ns != "policy" for part in parts.maps):
        parts = replace(parts, maps=(*parts.maps, policy_part))
    cosigners = [
        Cosigner(ORIGIN, SigningKey.generate(Algorithm.ML_DSA_44)),
        Cosigner("court.test/witness", SigningKey.generate(Algorithm.ED25519)),
        Cosigner("bar.test/witness", SigningKey.generate(Algorithm.ML_DSA_44)),
    ]
    time = int(later.timestamp())
    signed = add_signatures(world.note, [one.signature(world.checkpoint.text(), time) for one in cosigners])
    names = ("own", "court", "bar")
    policy: Policy = replace(
        world.policy,
        stampers=(stamps_by.pin, renewer.pin),
        passkeys=(SITE,),
        witnesses=tuple(Witness(name, one.public) for name, one in zip(names, cosigners, strict=True)),
        groups=(Group("outside", 1, ("court", "bar")), Group("both", 2, ("own", "outside"))),
        quorum="both",
    )
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "custody-proof.json").write_bytes(bundle.build(replace(parts, checkpoint=signed)))
    (FOLDER / "policy.txt").write_text(format_policy(policy), "utf-8")


if __name__ == "__main__":
    main()
