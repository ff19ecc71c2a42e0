"""One bad bundle for each finding about passkeys: somebody signs with one as they should not."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from custody.proof import bundle
from custody.proof.envelope import Signature
from custody.proof.findings import FindingCode
from custody.proof.passkey import Site
from custody.proof.prefix_map import Namespace
from custody.proof.records import Role
from custody.proof.verdict import Verdict
from custody.proof.verify import verify_bundle
from tests.proof.passkeys import ATTESTED, BACKED_UP, ELIGIBLE, PRESENT, VERIFIED, Passkey
from tests.proof.world import Person, Story, T, World, story, without

_C = FindingCode
_ELSEWHERE = Site("elsewhere.test", "https://elsewhere.test")
# How a signature is made over a message: right or wrong.
Signing = Callable[[Passkey, bytes], Signature]


def holder(told: Story, passkey: Passkey) -> Person:
    """Enrol somebody who has this passkey, as an examiner."""
    person = Person("Pat Passkey", told.world.ana.id, passkey, frozenset({Role.EXAMINER}))
    told.world.enrol(person)
    return person


def noted(told: Story, person: Person, signing: Signing) -> int:
    """Let the person note something about an exhibit, signed in this way; return its index."""
    world = told.world
    assert isinstance(person.key, Passkey)
    index = world.record(T.NOTE, person, told.second)
    world.entries[index] = world.sealed_with(index, signing(person.key, world.message(index)))
    world.heads[told.second] = (world.heads[told.second][0], world.leaf(index))
    return index


def one_note(signing: Signing) -> World:
    """Let somebody with a passkey of their own note something, signed in this way."""
    told = story()
    noted(told, holder(told, Passkey()), signing)
    return told.world


def judged(world: World) -> Verdict:
    world.publish()
    return verify_bundle(world.bundle(), policy=world.policy)


def signed(signing: Signing) -> Callable[[Path], Verdict]:
    """Judge a note that was signed in this way."""

    def judge(folder: Path) -> Verdict:
        return judged(one_note(signing))

    return judge


def _plain(key: Passkey, message: bytes) -> Signature:
    return Signature(key.keyid, key.sign(message))


def said(**changed: object) -> Signing:
    return lambda key, message: key.signature(message, client_data=key.client_data(message, **changed))


def made(**changed: object) -> Signing:
    return lambda key, message: key.signature(
        message,
        authenticator_data=key.authenticator_data(**changed),  # type: ignore[arg-type]
    )


def _without_a_site(folder: Path) -> Verdict:
    told = story()
    person = holder(told, Passkey())
    told.world.state()
    noted(told, person, lambda key, message: key.signature(message))
    return judged(told.world)


def _policy_not_proven(folder: Path) -> Verdict:
    """Leave out the statement that withdraws a site, and the proof that there is one."""
    told = story()
    person = holder(told, Passkey())
    withdrawn = told.world.state(_ELSEWHERE)
    noted(told, person, lambda key, message: key.signature(message))
    told.world.publish()
    parts = without(told.world.parts(), withdrawn)
    maps = tuple(part for part in parts.maps if part.ns is not Namespace.POLICY)
    return verify_bundle(bundle.build(replace(parts, maps=maps)), policy=told.world.policy)


BAD_PASSKEYS: Mapping[FindingCode, Callable[[Path], Verdict]] = {
    _C.POLICY_HISTORY_MISSING: _policy_not_proven,
    _C.PASSKEY_FORM: signed(_plain),
    _C.PASSKEY_MALFORMED: signed(made(flags=PRESENT | VERIFIED | ATTESTED)),
    _C.PASSKEY_TYPE: signed(said(type="webauthn.create")),
    _C.PASSKEY_CHALLENGE: signed(lambda key, message: key.signature(b"another record")),
    _C.PASSKEY_SITE: _without_a_site,
    _C.PASSKEY_ORIGIN: signed(said(origin=_ELSEWHERE.origin)),
    _C.PASSKEY_RP: signed(made(rp_id=_ELSEWHERE.rp_id)),
    _C.PASSKEY_USER: signed(made(flags=PRESENT)),
    _C.PASSKEY_BACKUP: signed(made(flags=PRESENT | VERIFIED | ELIGIBLE | BACKED_UP)),
}
