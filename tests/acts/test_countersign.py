"""Several administrators: nothing is recorded before as many signed as the log demands; what is, verifies."""

from datetime import timedelta

import pytest
from django.utils import timezone

from custody.accounts.models import Person
from custody.accounts.roles import Role
from custody.acts import countersign, record
from custody.acts import keys as key_acts
from custody.drafts import Draft
from custody.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError, StaleError
from custody.ledger import genesis, history, prove, publish, replay, sites
from custody.proof import envelope, records
from custody.proof.digests import b64
from custody.proof.policy import parse_policy
from custody.proof.prefix_map import Namespace
from custody.proof.signatures import SigningKey
from custody.proof.verdict import Outcome
from custody.proof.verify import verify_bundle
from tests.cast import add_person


@pytest.fixture
def second(cast) -> Person:
    """A second administrator with an enrolled key."""
    return add_person(cast, "admin2", Role.ADMINISTRATOR)


@pytest.fixture
def requested(cast) -> SigningKey:
    return ask(cast, cast.partner)


def ask(cast, person: Person) -> SigningKey:
    key = SigningKey.generate()
    key_acts.request(person, {"keyid": key.keyid, "spki": b64(key.spki), "label": "laptop"}, cast.now())
    return key


def demand(cast, number: int) -> Draft:
    text = sites.with_enrollers(sites.stated_policy(), number)
    return cast.prepare("admin", "policy.update", policy=text, reason="Two pairs of eyes")


def over(draft: Draft, key: SigningKey) -> envelope.Signature:
    return envelope.Signature(
        key.keyid, key.sign(envelope.pae(records.RECORD_PAYLOAD_TYPE, bytes(draft.payload)))
    )


def also(cast, name: str, draft: Draft) -> None:
    countersign.countersign(cast.people[name], draft.pk, over(draft, cast.key(name)), cast.now())


def proved(cast, draft: Draft, key: SigningKey) -> None:
    record.prove_possession(cast.partner, draft.pk, over(draft, key), cast.now())


def assert_the_log_is_sound() -> None:
    publish.publish(timezone.now())
    assert not list(replay.replay(parse_policy(genesis.policy_text())).findings)


def test_two_administrators_enrol_and_a_stranger_can_check_it(cast, second, requested):
    cast.sign("admin", demand(cast, 2))
    assert sites.in_force().enrollers == 2
    draft = cast.prepare("admin", "key.register", key=requested.keyid)
    proved(cast, draft, requested)
    with pytest.raises(ConflictError, match="demands the signatures of 2 administrators; 1 would"):
        cast.sign("admin", draft)
    also(cast, "admin2", draft)
    cast.sign("admin", draft)
    [told] = history.of_key("keyctl", requested.keyid)
    assert told.signers == (cast.key("admin").keyid, cast.key("admin2").keyid, requested.keyid)
    assert_the_log_is_sound()


def test_one_alone_can_neither_raise_beyond_what_there_is_nor_lower(cast, second):
    with pytest.raises(InvalidError, match="only 2 have a key"):
        demand(cast, 3)
    cast.sign("admin", demand(cast, 2))
    draft = demand(cast, 1)
    with pytest.raises(ConflictError, match="2 administrators"):
        cast.sign("admin", draft)
    also(cast, "admin2", draft)
    cast.sign("admin", draft)
    assert sites.in_force().enrollers == 1


def test_who_is_no_administrator_signs_nothing_of_it(cast, second, requested):
    cast.sign("admin", demand(cast, 2))
    draft = cast.prepare("admin", "key.register", key=requested.keyid)
    for name in ("supervisor", "examiner", "auditor"):
        with pytest.raises(NotAllowedError):
            also(cast, name, draft)
        assert not countersign.waiting_for(cast.people[name], cast.now()).exists()


def test_the_author_does_not_count_twice(cast, second, requested):
    cast.sign("admin", demand(cast, 2))
    draft = cast.prepare("admin", "key.register", key=requested.keyid)
    with pytest.raises(NotFoundError):
        also(cast, "admin", draft)
    also(cast, "admin2", draft)
    with pytest.raises(ConflictError, match="already"):
        also(cast, "admin2", draft)


def test_a_signature_over_another_draft_is_refused(cast, second, requested):
    cast.sign("admin", demand(cast, 2))
    draft, other = (cast.prepare("admin", "key.register", key=requested.keyid) for _ in range(2))
    moved = over(other, cast.key("admin2"))
    with pytest.raises(InvalidError, match="does not verify"):
        countersign.countersign(second, draft.pk, moved, cast.now())


def test_a_signature_of_a_key_revoked_meanwhile_counts_nothing(cast, second, requested):
    cast.sign("admin", demand(cast, 2))
    draft = cast.prepare("admin", "key.register", key=requested.keyid)
    proved(cast, draft, requested)
    also(cast, "admin2", draft)
    assert countersign.missing(draft) == 0
    cast.act("admin2", "key.revoke", key=cast.key("admin2").keyid, reason="Lost")
    assert countersign.missing(draft) == 1
    with pytest.raises(ConflictError, match="2 administrators"):
        cast.sign("admin", draft)


def test_several_have_a_day_and_then_it_is_prepared_again(cast, second, requested):
    cast.sign("admin", demand(cast, 2))
    draft = cast.prepare("admin", "key.register", key=requested.keyid)
    cast.clock += timedelta(hours=23)
    also(cast, "admin2", draft)
    cast.clock += timedelta(hours=2)
    with pytest.raises(StaleError, match="run out"):
        cast.sign("admin", draft)
    late = add_person(cast, "admin3", Role.ADMINISTRATOR)
    with pytest.raises(StaleError, match="run out"):
        countersign.countersign(late, draft.pk, over(draft, cast.key("admin3")), cast.now())


def test_the_holders_present_key_confirms_the_new_one(cast):
    new = ask(cast, cast.officer)
    draft = cast.prepare("admin", "key.register", key=new.keyid)
    assert not countersign.waiting_for(cast.officer, cast.now()).exists(), "the new key proves itself first"
    record.prove_possession(cast.officer, draft.pk, over(draft, new), cast.now())
    assert list(countersign.waiting_for(cast.officer, cast.now())) == [draft]
    also(cast, "officer", draft)
    cast.sign("admin", draft)
    [told] = history.of_key("keyctl", new.keyid)
    assert told.signers == (cast.key("admin").keyid, cast.key("officer").keyid, new.keyid)
    assert_the_log_is_sound()


def test_a_log_that_is_silent_about_it_says_that_one_enrols_for_ever(cast, second, monkeypatch):
    from custody.proof.stated_policy import Stated

    monkeypatch.setattr(sites, "in_force", lambda: Stated(enrollers=0))
    with pytest.raises(InvalidError, match="for ever"):
        demand(cast, 2)


def test_the_bundle_of_an_exhibit_shows_who_enrolled_its_examiner(cast, second):
    """Whose key signed an exhibit's records was enrolled by two, and the reader can see that nothing is hidden."""
    cast.sign("admin", demand(cast, 2))
    new = ask(cast, cast.examiner)
    draft = cast.prepare("admin", "key.register", key=new.keyid)
    record.prove_possession(cast.examiner, draft.pk, over(draft, new), cast.now())
    also(cast, "admin2", draft)
    cast.sign("admin", draft)
    item = cast.take_in(cast.add_authority(cast.open_case()))
    publish.publish(timezone.now())
    proven = prove.prove(Namespace.ITEM, str(item.pk), timezone.now())
    verdict = verify_bundle(proven.data, policy=parse_policy(genesis.policy_text()))
    assert verdict.outcome is Outcome.VERIFIED, [f.sentence for f in verdict.findings if f.level != "ok"]
