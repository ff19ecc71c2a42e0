"""Signing together from the command line: what waits is shown from its bytes, and the author signs last."""

from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone

from custody.client import keys, session, together
from custody.client.drafts import Session
from custody.client.errors import ClientError
from custody.client.profile import Profile
from custody.proof.digests import b64
from custody.proof.signatures import SigningKey

Opener = Callable[[str, SigningKey], Session]


@pytest.fixture
def opened(transactional_db, cast, live_server, tmp_path) -> Iterator[Opener]:
    """Open the session of a person of the cast, who signs with this key."""
    from custody.accounts.roles import Role
    from tests.cast import PASSWORD, add_person

    add_person(cast, "admin2", Role.ADMINISTRATOR)
    servers = []

    def open_for(name: str, key: SigningKey) -> Session:
        profile = Profile(tmp_path / f"{name}-{key.keyid}")
        profile.prepare()
        session.log_on(profile, live_server.url, name, PASSWORD)
        servers.append(session.connect(profile))
        return Session(servers[-1], profile, key)

    yield open_for
    for server in servers:
        server.close()


@pytest.fixture
def new_key(transactional_db, cast) -> SigningKey:
    from custody.accounts.models import Person
    from custody.acts import keys as key_acts

    key = SigningKey.generate()
    asked = {"keyid": key.keyid, "spki": b64(key.spki), "label": "laptop"}
    key_acts.request(Person.objects.get(pk=cast.partner.pk), asked, timezone.now())
    return key


def test_two_administrators_and_the_holder_enrol_from_three_command_lines(opened: Opener, cast, new_key):
    from custody.ledger import history, sites

    cast.clock = timezone.now().replace(microsecond=0)
    text = sites.with_enrollers(sites.stated_policy(), 2)
    cast.act("admin", "policy.update", policy=text, reason="Two pairs of eyes")
    first, second = opened("admin", cast.key("admin")), opened("admin2", cast.key("admin2"))
    with pytest.raises(ClientError, match="has not signed yet"):
        keys.enrol(first, new_key.keyid, lambda seconds: False)
    [seen] = together.waiting(second)
    assert not seen.is_mine
    assert seen.needs == ("new_key", "administrator", "actor")
    assert dict(seen.lines)["New key"] == new_key.keyid
    assert dict(seen.lines)["Roles"] == "partner"
    with pytest.raises(ClientError, match="Others sign first: new_key, administrator"):
        together.sign(first, seen.id)
    assert together.sign(second, seen.id).entry == -1
    assert together.waiting(second) == []
    with pytest.raises(ClientError, match="no such record"):
        together.sign(second, seen.id)
    assert len(keys.prove(opened("partner", new_key))) == 1
    [mine] = together.waiting(first)
    assert (mine.is_mine, mine.needs) == (True, ("actor",))
    assert together.sign(first, mine.id).entry > 0
    [told] = history.of_key("keyctl", new_key.keyid)
    assert told.signers == (cast.key("admin").keyid, cast.key("admin2").keyid, new_key.keyid)


def test_where_nothing_waits_nothing_is_listed(opened: Opener, cast):
    assert together.waiting(opened("admin2", cast.key("admin2"))) == []
