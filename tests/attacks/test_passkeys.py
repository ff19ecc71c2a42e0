"""Somebody has a passkey's signature that was made for something else, or a page that asks for one; or a machine
that signs without its person. Each is refused by the verifier, and said in a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from custody.proof import bundle, envelope
from custody.proof.envelope import Signature
from custody.proof.errors import MalformedError, SignatureError
from custody.proof.findings import FindingCode, Level
from custody.proof.passkey import Assertion, Site
from custody.proof.prefix_map import Namespace
from custody.proof.signers import verify_one
from custody.proof.verify import verify_bundle
from tests.proof.bad_passkeys import Signing, holder, noted
from tests.proof.passkeys import ATTESTED, BACKED_UP, ELIGIBLE, EXTENDED, PRESENT, SITE, VERIFIED, Passkey
from tests.proof.world import Person, Story, T, World, story, without

C = FindingCode
PHISHING = Site("evidence-test.example", "https://custody.evidence-test.example")


@pytest.fixture
def told() -> Story:
    return story()


@pytest.fixture
def pat(told: Story) -> Person:
    return holder(told, Passkey())


def failures(world: World) -> set[FindingCode]:
    world.publish()
    verdict = verify_bundle(world.bundle(), policy=world.policy)
    return {finding.code for finding in verdict.findings if finding.level is Level.FAILURE}


def honest(key: Passkey, message: bytes) -> Signature:
    return key.signature(message)


def test_what_a_passkey_signed_is_verified(told: Story, pat: Person) -> None:
    noted(told, pat, honest)
    assert failures(told.world) == set()


def test_a_signature_moved_to_another_record_is_refused(told: Story, pat: Person) -> None:
    world = told.world
    first = noted(told, pat, honest)
    moved = envelope.parse_entry(world.entries[first]).signatures[0]
    noted(told, pat, lambda key, message: moved)
    assert failures(world) == {C.PASSKEY_CHALLENGE}


def test_a_signature_replayed_over_the_same_words_is_refused(told: Story, pat: Person) -> None:
    """The second note says the same about the same exhibit; its nonce makes it another record."""
    world = told.world
    first = world.record(T.NOTE, pat, told.second, claims={"text": "Seal seen"})
    replayed = envelope.parse_entry(world.entries[first]).signatures[0]
    second = world.record(T.NOTE, pat, told.second, claims={"text": "Seal seen"})
    world.entries[second] = world.sealed_with(second, replayed)
    assert failures(world) == {C.PASSKEY_CHALLENGE}


def said(**changed: Any) -> Signing:
    return lambda key, message: key.signature(message, client_data=key.client_data(message, **changed))


def made(**changed: Any) -> Signing:
    return lambda key, message: key.signature(message, authenticator_data=key.authenticator_data(**changed))


def written(change: Callable[[bytes], bytes]) -> Signing:
    """Sign other bytes than the browser's JSON: what somebody makes who owns the browser."""
    return lambda key, message: key.signature(message, client_data=change(key.client_data(message)))


def doubled(name: str, value: str) -> Callable[[bytes], bytes]:
    return lambda data: data[:-1] + f',"{name}":{value}}}'.encode()


SAID: list[tuple[str, Signing, FindingCode]] = [
    ("a page of another origin", said(origin=PHISHING.origin), C.PASSKEY_ORIGIN),
    (
        "a page below the same domain that is not stated",
        said(origin="https://evidence.test"),
        C.PASSKEY_ORIGIN,
    ),
    ("another port", said(origin=SITE.origin + ":8443"), C.PASSKEY_ORIGIN),
    ("the usual port, written", said(origin=SITE.origin + ":443"), C.PASSKEY_ORIGIN),
    ("without encryption", said(origin=SITE.origin.replace("https", "http")), C.PASSKEY_ORIGIN),
    ("upper case", said(origin=SITE.origin.replace("c", "C")), C.PASSKEY_ORIGIN),
    ("inside a frame of somebody else", said(crossOrigin=True), C.PASSKEY_ORIGIN),
    ("with a page around it", said(topOrigin=PHISHING.origin), C.PASSKEY_ORIGIN),
    ("another relying party", made(rp_id=PHISHING.rp_id), C.PASSKEY_RP),
    ("the relying party of a part of the domain", made(rp_id="custody.evidence.test"), C.PASSKEY_RP),
    ("nobody verified", made(flags=PRESENT), C.PASSKEY_USER),
    ("nobody present", made(flags=VERIFIED), C.PASSKEY_USER),
    ("create instead of get", said(type="webauthn.create"), C.PASSKEY_TYPE),
    ("a payment instead of get", said(type="payment.get"), C.PASSKEY_TYPE),
    ("the challenge with padding", said(challenge="A" * 43 + "="), C.PASSKEY_CHALLENGE),
    ("no challenge", said(challenge=""), C.PASSKEY_CHALLENGE),
    ("a key that left its device", made(flags=PRESENT | VERIFIED | ELIGIBLE), C.PASSKEY_BACKUP),
    ("a copy of what cannot be copied", made(flags=PRESENT | VERIFIED | BACKED_UP), C.PASSKEY_MALFORMED),
    ("a registration's message", made(flags=PRESENT | VERIFIED | ATTESTED, more=b"key"), C.PASSKEY_MALFORMED),
    ("bytes behind the authenticator's message", made(more=b"more"), C.PASSKEY_MALFORMED),
    ("extensions that are not there", made(flags=PRESENT | VERIFIED | EXTENDED), C.PASSKEY_MALFORMED),
    (
        "levels that exhaust a reader's stack",
        written(doubled("extra", "[" * 32 + "]" * 32)),
        C.PASSKEY_MALFORMED,
    ),
    (
        "an endless authenticator's message",
        made(flags=PRESENT | VERIFIED | EXTENDED, more=bytes(2000)),
        C.PASSKEY_MALFORMED,
    ),
    ("the origin twice", written(doubled("origin", '"https://custody.evidence.test"')), C.PASSKEY_MALFORMED),
    (
        "the challenge twice, once by an escape",
        written(doubled("ch\\u0061llenge", '"x"')),
        C.PASSKEY_MALFORMED,
    ),
    ("a member twice inside another", written(doubled("more", '{"a":1,"a":2}')), C.PASSKEY_MALFORMED),
    ("crossOrigin as a word", said(crossOrigin="false"), C.PASSKEY_MALFORMED),
    ("no type", said(type=None), C.PASSKEY_MALFORMED),
    ("the origin in a list", said(origin=[SITE.origin]), C.PASSKEY_MALFORMED),
    ("a list", written(lambda data: b"[" + data + b"]"), C.PASSKEY_MALFORMED),
    ("endless nesting", written(lambda data: b"[" * 4000), C.PASSKEY_MALFORMED),
    ("a mark before the first brace", written(lambda data: b"\xef\xbb\xbf" + data), C.PASSKEY_MALFORMED),
    ("no UTF-8", written(lambda data: data[:-1] + b',"more":"\xff"}'), C.PASSKEY_MALFORMED),
    ("what JSON has no word for", written(doubled("more", "NaN")), C.PASSKEY_MALFORMED),
    ("a long story", said(more="x" * 4096), C.PASSKEY_MALFORMED),
]


@pytest.mark.parametrize(("name", "signing", "code"), SAID, ids=[name for name, _, _ in SAID])
def test_a_signature_made_otherwise_than_for_this_record_is_refused(
    told: Story, pat: Person, name: str, signing: Signing, code: FindingCode
) -> None:
    noted(told, pat, signing)
    assert failures(told.world) == {code}


def test_a_flipped_bit_in_any_byte_of_the_two_messages_is_refused(told: Story, pat: Person) -> None:
    world = told.world
    index = noted(told, pat, honest)
    message, good = world.message(index), envelope.parse_entry(world.entries[index]).signatures[0]
    assert good.assertion is not None
    both = (good.assertion.authenticator_data, good.assertion.client_data)
    verify_one(pat.enrolled(), good, message, [SITE])
    for which, data in enumerate(both):
        for place in range(len(data)):
            bent = [*both]
            bent[which] = data[:place] + bytes([data[place] ^ 1 << place % 8]) + data[place + 1 :]
            with pytest.raises(SignatureError):
                verify_one(pat.enrolled(), replace(good, assertion=Assertion(*bent)), message, [SITE])


def test_a_passkey_does_not_sign_as_other_keys_do(told: Story, pat: Person) -> None:
    noted(told, pat, lambda key, message: Signature(key.keyid, key.sign(message)))
    assert failures(told.world) == {C.PASSKEY_FORM}


def test_another_key_does_not_sign_as_a_passkey_does(told: Story) -> None:
    """With such a signature a stolen key file would look like a device in somebody's hand."""
    world = told.world
    index = world.record(T.NOTE, world.ana, told.second)
    message = world.message(index)
    template = Passkey()
    assertion = Assertion(template.authenticator_data(), template.client_data(message))
    forged = Signature(world.ana.key.keyid, world.ana.key.sign(assertion.signed_bytes()), assertion)
    world.entries[index] = world.sealed_with(index, forged)
    assert failures(world) == {C.PASSKEY_FORM}


def test_a_passkey_of_somebody_else_does_not_sign(told: Story, pat: Person) -> None:
    other = Passkey()
    noted(told, pat, lambda key, message: replace(other.signature(message), keyid=key.keyid))
    assert failures(told.world) == {C.SIGNATURE_INVALID}


def test_a_withdrawn_site_counts_no_more_and_a_new_one_not_before(told: Story, pat: Person) -> None:
    world = told.world
    moved = Site("evidence.test", "https://new.evidence.test")
    noted(told, pat, said(origin=moved.origin))
    assert failures(world) == {C.PASSKEY_ORIGIN}, "not yet stated"
    world = story().world
    told = replace(told, world=world, second=world.intake())
    pat = holder(told, Passkey())
    noted(told, pat, honest)
    world.state(moved)
    noted(told, pat, said(origin=moved.origin))
    assert failures(world) == set()
    noted(told, pat, honest)
    assert failures(world) == {C.PASSKEY_ORIGIN}


def test_a_statement_of_a_site_does_not_let_itself_in(told: Story) -> None:
    """An administrator is lured to another page; what is signed there would allow that very page."""
    world = told.world
    admin = Person("Abel with a passkey", world.admin.id, Passkey(), world.admin.roles)
    world.enrol(admin)
    extra = {"policy": world.policy_text(SITE, PHISHING)}
    index = world.record(T.POLICY_UPDATE, admin, extra=extra)
    assert isinstance(admin.key, Passkey)
    message = world.message(index)
    lured = admin.key.signature(message, client_data=admin.key.client_data(message, origin=PHISHING.origin))
    world.entries[index] = world.sealed_with(index, lured)
    assert failures(world) == {C.PASSKEY_ORIGIN}


def test_the_withdrawal_of_a_site_cannot_be_hidden(told: Story, pat: Person) -> None:
    world = told.world
    withdrawn = world.state(PHISHING)
    noted(told, pat, honest)
    world.publish()
    parts = without(world.parts(), withdrawn)
    verdict = verify_bundle(bundle.build(parts), policy=world.policy)
    found = {finding.code for finding in verdict.findings if finding.level is Level.FAILURE}
    assert found == {C.ENTRIES_MISSING, C.POLICY_HISTORY_MISSING}
    maps = tuple(part for part in parts.maps if part.ns is not Namespace.POLICY)
    verdict = verify_bundle(bundle.build(replace(parts, maps=maps)), policy=world.policy)
    assert {f.code for f in verdict.findings if f.level is Level.FAILURE} == {C.POLICY_HISTORY_MISSING}


def test_a_reader_who_pins_a_site_accepts_no_other(told: Story, pat: Person) -> None:
    noted(told, pat, honest)
    told.world.publish()
    data = told.world.bundle()
    for site, expected in ((SITE, set()), (PHISHING, {C.PASSKEY_SITE})):
        verdict = verify_bundle(data, policy=replace(told.world.policy, passkeys=(site,)))
        assert {f.code for f in verdict.findings if f.level is Level.FAILURE} == expected


def test_a_registration_is_proven_by_the_passkey_itself(told: Story) -> None:
    """An officer enrols a passkey in somebody's name with a signature that it made for another record."""
    world = told.world
    framed = Person("Framed", world.ana.id, Passkey(), world.ana.roles)
    index = world.enrol(framed)
    signatures = envelope.parse_entry(world.entries[index]).signatures
    assert isinstance(framed.key, Passkey)
    world.entries[index] = world.sealed_with(
        index, signatures[0], framed.key.signature(b"a log-on elsewhere")
    )
    world.record(T.NOTE, framed, told.second)
    assert failures(world) == {C.PASSKEY_CHALLENGE}


def test_two_passkeys_of_one_person_are_still_one_person(told: Story) -> None:
    world = told.world
    second = Person("Ana with a passkey", world.ana.id, Passkey(synced=True), world.ana.roles)
    world.enrol(second)
    offer = world.record(T.TRANSFER_OFFER, world.ana, told.second)
    world.record(T.TRANSFER_ACCEPT, second, told.second, refs=[offer])
    assert failures(world) == {C.CHAIN_RULE}


def test_an_entry_says_of_a_passkey_only_what_the_format_knows(told: Story, pat: Person) -> None:
    index = noted(told, pat, honest)
    parts = json.loads(told.world.entries[index])
    assert set(parts["signatures"][0]) == {"keyid", "sig", "authenticatorData", "clientDataJSON"}
    for name in ("authenticatorData", "clientDataJSON"):
        half = {key: value for key, value in parts["signatures"][0].items() if key != name}
        with pytest.raises(MalformedError, match=name):
            envelope.parse_entry(
                json.dumps(parts | {"signatures": [half]}, separators=(",", ":"), sort_keys=True).encode()
            )
