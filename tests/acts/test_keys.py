"""Keys: enrolled by an administrator and proven by their holder, on the same bytes; revoked for good."""

import pytest

from custody.acts import keys as acts
from custody.acts import record, registry
from custody.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from custody.ledger import history
from custody.proof import envelope, records
from custody.proof.digests import b64
from custody.proof.signatures import SigningKey


@pytest.fixture
def requested(cast):
    key = SigningKey.generate()
    acts.request(cast.partner, {"keyid": key.keyid, "spki": b64(key.spki), "label": "laptop"}, cast.now())
    return key


def _bytes(draft):
    return envelope.pae(records.RECORD_PAYLOAD_TYPE, bytes(draft.payload))


def test_holder_and_administrator_sign_the_same_bytes(cast, requested):
    draft = cast.prepare("admin", "key.register", key=requested.keyid)
    with pytest.raises(ConflictError, match="has not signed yet"):
        cast.sign("admin", draft)
    proof = envelope.Signature(requested.keyid, requested.sign(_bytes(draft)))
    record.prove_possession(cast.partner, draft.pk, proof, cast.now())
    cast.sign("admin", draft)
    told = list(history.of_key("keyctl", requested.keyid))
    assert [str(t.record.type) for t in told] == ["key.register"]
    assert told[0].signers == (cast.key("admin").keyid, requested.keyid)
    assert history.actor(requested.keyid).person == cast.partner.uuid


def test_possession_is_proven_by_the_key_itself(cast, requested):
    draft = cast.prepare("admin", "key.register", key=requested.keyid)
    forged = envelope.Signature(requested.keyid, SigningKey.generate().sign(_bytes(draft)))
    with pytest.raises(InvalidError, match="does not verify"):
        record.prove_possession(cast.partner, draft.pk, forged, cast.now())
    with pytest.raises(NotFoundError):
        record.prove_possession(cast.examiner, draft.pk, forged, cast.now())


def test_only_an_administrator_enrols(cast, requested):
    with pytest.raises(NotAllowedError):
        cast.prepare("supervisor", "key.register", key=requested.keyid)


def test_a_revoked_key_signs_nothing_more(cast):
    case = cast.open_case()
    cast.act("admin", "key.revoke", key=cast.key("examiner").keyid, reason="Laptop lost")
    with pytest.raises(NotAllowedError, match="revoked"):
        cast.prepare("examiner", "authority.add", case=str(case.pk))


def test_a_key_revoked_between_draft_and_signature_signs_nothing(cast):
    item = cast.take_in(cast.add_authority(cast.open_case()))
    draft = cast.prepare("examiner", "redaction.plan", item=str(item.pk))
    cast.act("admin", "key.revoke", key=cast.key("examiner").keyid, reason="Laptop lost")
    with pytest.raises(NotAllowedError, match="revoked"):
        cast.sign("examiner", draft)


def test_everybody_revokes_their_own_key_and_nobody_elses(cast):
    with pytest.raises(NotAllowedError, match="Only an administrator"):
        cast.prepare("officer", "key.revoke", key=cast.key("examiner").keyid, reason="x")
    cast.act("officer", "key.revoke", key=cast.key("officer").keyid, reason="New laptop")


def test_a_key_that_is_not_enrolled_signs_nothing(cast, requested):
    with pytest.raises(NotAllowedError, match="not enrolled"):
        registry.prepare(cast.partner, requested.keyid, "case.open", {}, cast.now())


@pytest.mark.parametrize("change", ["keyid", "spki", "twice"])
def test_a_key_that_is_not_what_it_says_is_refused(cast, change):
    key = SigningKey.generate()
    params = {"keyid": key.keyid, "spki": b64(key.spki)}
    if change == "keyid":
        params["keyid"] = SigningKey.generate().keyid
    elif change == "spki":
        params["spki"] = b64(b"not a key")
    else:
        acts.request(cast.partner, params, cast.now())
    with pytest.raises((InvalidError, ConflictError)):
        acts.request(cast.partner, params, cast.now())


def test_a_signature_over_another_draft_does_not_pass(cast):
    item = cast.take_in(cast.add_authority(cast.open_case()))
    first = cast.prepare("examiner", "redaction.plan", item=str(item.pk))
    second = cast.prepare("examiner", "redaction.plan", item=str(item.pk))
    key = cast.key("examiner")
    with pytest.raises(InvalidError, match="does not verify"):
        registry.sign(
            cast.examiner, second.pk, envelope.Signature(key.keyid, key.sign(_bytes(first))), cast.now()
        )


def test_another_persons_draft_is_not_found(cast):
    item = cast.take_in(cast.add_authority(cast.open_case()))
    draft = cast.prepare("examiner", "redaction.plan", item=str(item.pk))
    with pytest.raises(NotFoundError):
        cast.sign("examiner2", draft)


def test_a_draft_older_than_fifteen_minutes_is_prepared_again(cast):
    from datetime import timedelta

    item = cast.take_in(cast.add_authority(cast.open_case()))
    draft = cast.prepare("examiner", "redaction.plan", item=str(item.pk))
    cast.clock += timedelta(minutes=16)
    with pytest.raises(ConflictError, match="run out"):
        cast.sign("examiner", draft)
