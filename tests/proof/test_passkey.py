"""Passkeys: their two messages are read strictly, sites too; each of their algorithms signs and is verified."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from custody.proof import passkey, records
from custody.proof.enrolment import read_enrolled
from custody.proof.errors import MalformedError, SignatureError
from custody.proof.findings import FindingCode
from custody.proof.passkey import Flaw, PasskeyError, Site
from custody.proof.policy import Policy, format_policy, parse_policy
from custody.proof.records import RecordType, Role
from custody.proof.signers import verify_one
from custody.proof.stated_policy import StatedPolicies, read_stated
from custody.proof.verdict import Outcome
from custody.proof.verify import verify_bundle
from tests.proof.bad_passkeys import holder
from tests.proof.passkeys import SITE, Passkey
from tests.proof.world import Person, T, story

LOCAL = Site("localhost", "http://localhost:8000")


@pytest.mark.parametrize("synced", [False, True])
@pytest.mark.parametrize(
    "private",
    [
        ec.generate_private_key(ec.SECP256R1()),
        ed25519.Ed25519PrivateKey.generate(),
        rsa.generate_private_key(65537, 2048),
    ],
    ids=["ES256", "Ed25519", "RS256"],
)
def test_a_whole_case_is_signed_with_passkeys_of_every_algorithm(private: object, synced: bool) -> None:
    told = story()
    world = told.world
    person = holder(told, Passkey(private, synced=synced))  # type: ignore[arg-type]
    supervisor = Person("Sara with a passkey", world.sara.id, Passkey(), frozenset({Role.SUPERVISOR}))
    world.enrol(supervisor)
    item = world.intake(by=person)
    world.transfer(item, person, world.otto, by=supervisor)
    world.publish()
    assert verify_bundle(world.bundle(), policy=world.policy).outcome is Outcome.VERIFIED


@pytest.mark.parametrize(
    ("rp_id", "origin"),
    [
        ("localhost", "http://localhost:8000"),
        ("localhost", "http://localhost"),
        ("evidence.test", "https://custody.evidence.test"),
        ("evidence.test", "https://evidence.test:8443"),
        ("xn--bcher-kva.test", "https://xn--bcher-kva.test"),
    ],
)
def test_a_site_is_a_domain_and_an_origin_below_it(rp_id: str, origin: str) -> None:
    site = passkey.read_site(rp_id, origin)
    assert read_stated(f"quorum none\n{site.pin()}\n").sites == (site,)


@pytest.mark.parametrize(
    ("rp_id", "origin"),
    [
        ("", "https://"),
        ("evidence.test", "https://evidence.test/"),
        ("evidence.test", "https://evidence.test:443"),
        ("localhost", "http://localhost:80"),
        ("evidence.test", "https://evidence.test:99999"),
        ("evidence.test", "https://evidence.test:08443"),
        ("evidence.test", "https://EVIDENCE.test"),
        ("evidence.test", "https://other.test"),
        ("evidence.test", "https://notevidence.test"),
        ("custody.evidence.test", "https://evidence.test"),
        ("evidence.test", "http://evidence.test"),
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("1", "https://127.0.0.1"),
        ("evidence.test", "https://somebody@evidence.test"),
        ("evidence.test", "https://evidence.test#"),
        ("-.test", "https://-.test"),
        ("evidence..test", "https://evidence..test"),
        (".".join(["a" * 63] * 5), "https://" + ".".join(["a" * 63] * 5)),
        ("bücher.test", "https://bücher.test"),
    ],
)
def test_what_browsers_do_not_bind_passkeys_to_is_no_site(rp_id: str, origin: str) -> None:
    with pytest.raises(MalformedError):
        passkey.read_site(rp_id, origin)


@pytest.mark.parametrize(
    "lines", ["#pin webauthn evidence.test", f"{SITE.pin()} more", f"{SITE.pin()}\n{SITE.pin()}"]
)
def test_a_policy_states_each_site_once_and_whole(lines: str) -> None:
    with pytest.raises(MalformedError):
        parse_policy(f"quorum none\n{lines}\n")


def test_a_policy_keeps_its_sites_and_stays_one_for_other_tools() -> None:
    text = format_policy(Policy((), passkeys=(SITE, LOCAL)))
    assert parse_policy(text).passkeys == (SITE, LOCAL)
    assert all(line.startswith("#") for line in text.splitlines() if "webauthn" in line)


def test_members_that_browsers_add_are_ignored() -> None:
    key = Passkey()
    data = key.client_data(
        b"message", other_keys_can_be_added_here="do not compare", tokenBinding={"status": "x"}
    )
    signature = key.signature(b"message", client_data=data)
    world = story().world
    person = Person("Pat", world.ana.id, key, world.ana.roles)
    verify_one(person.enrolled(), signature, b"message", [LOCAL, SITE])
    # Some browsers leave crossOrigin out, write spaces, or answer with the authenticator's extensions.
    spaced = json.dumps(json.loads(key.client_data(b"message", crossOrigin=None)), indent=1).encode()
    extended = key.authenticator_data(flags=0x85, more=b"\xa0")
    verify_one(
        person.enrolled(),
        key.signature(b"message", client_data=spaced, authenticator_data=extended),
        b"message",
        [SITE],
    )


def test_the_flaw_is_named_before_the_signature_is_looked_at() -> None:
    key = Passkey()
    person = Person("Pat", story().world.ana.id, key, frozenset({Role.EXAMINER}))
    wrong = key.signature(
        b"message", client_data=key.client_data(b"message", origin="https://elsewhere.test\x1b[2J")
    )
    with pytest.raises(PasskeyError) as caught:
        verify_one(person.enrolled(), wrong, b"message", [SITE])
    assert caught.value.flaw is Flaw.ORIGIN
    assert "\x1b" not in str(caught.value)
    with pytest.raises(SignatureError):
        verify_one(person.enrolled(), key.signature(b"message"), b"messagf", [SITE])


def test_every_flaw_has_a_finding() -> None:
    assert {FindingCode(f"passkey-{flaw}") for flaw in Flaw} == {
        code for code in FindingCode if code.startswith("passkey-")
    }


def test_an_enrolled_passkey_says_what_its_authenticator_vouched_for() -> None:
    made = Person("Pat", story().world.ana.id, Passkey(synced=True), frozenset({Role.EXAMINER})).enrolled()
    value = made.to_json()
    assert read_enrolled(value) == made
    assert isinstance(value["passkey"], dict)
    facts = dict(value["passkey"])
    for changed in (
        {**value, "kind": "software"},
        {name: part for name, part in value.items() if name != "passkey"},
        {**value, "passkey": {**facts, "attestation": "AAAA"}},
        {**value, "passkey": {**facts, "backed_up": 1}},
        {**value, "passkey": {**facts, "backup_eligible": False}},
        {**value, "passkey": {**facts, "device": "blue"}},
    ):
        with pytest.raises(MalformedError):
            read_enrolled(changed)


def test_an_rsa_key_is_enrolled_as_a_passkey_only() -> None:
    key = Passkey(rsa.generate_private_key(65537, 2048))
    value = Person("Pat", story().world.ana.id, key, frozenset({Role.EXAMINER})).enrolled().to_json()
    plain = {name: part for name, part in value.items() if name != "passkey"} | {"kind": "software"}
    with pytest.raises(MalformedError, match="no passkey"):
        read_enrolled(plain)


def test_the_newest_policy_before_a_record_counts_for_it() -> None:
    world = story().world

    def stated(index: int) -> records.Record:
        record = world.read(index)
        assert record is not None
        return record

    update, unreadable = (
        world.state(LOCAL),
        world.record(T.POLICY_UPDATE, world.admin, extra={"policy": "#pin webauthn half\n"}),
    )
    note = stated(world.record(T.LOG_DAILY, world.service))
    policies = StatedPolicies()
    assert policies.at(stated(0)).sites == (SITE,)
    assert policies.at(note).sites == (SITE,)
    assert policies.at(stated(update)).sites == (SITE,), "it counts for what comes behind it"
    assert policies.at(note).sites == (LOCAL,)
    policies.at(stated(unreadable))
    assert policies.at(note).sites == ()
    assert stated(update).type is RecordType.POLICY_UPDATE
