"""Keys: from which entry to which they count, and who may end that."""

from datetime import UTC, datetime

import pytest

from custody.proof.errors import ChainError
from custody.proof.keyring import Keyring
from tests.proof.world import World


def keyring(world: World) -> Keyring:
    found = Keyring()
    for index in range(len(world.entries)):
        record = world.read(index)
        if record is not None:
            found.apply(record, index)
    return found


def refused(world: World) -> str:
    with pytest.raises(ChainError) as caught:
        keyring(world)
    assert caught.value.code == "key"
    return str(caught.value)


def test_a_root_key_counts_from_genesis_on() -> None:
    world = World()
    keys = keyring(world)
    assert keys.actor_at(world.admin.key.keyid, 0).person == world.admin.id
    assert keys.actor_at(world.admin.key.keyid, 1).person == world.admin.id


def test_a_key_counts_after_its_registration_and_not_at_it() -> None:
    world = World()
    keys, keyid = keyring(world), world.ana.key.keyid
    history = keys.find(keyid)
    assert history is not None
    with pytest.raises(ChainError, match="only at entry"):
        keys.actor_at(keyid, history.registered)
    assert keys.actor_at(keyid, history.registered + 1).roles == world.ana.roles


def test_a_key_counts_until_its_revocation() -> None:
    world = World()
    revoked = world.revoke(world.ana)
    keys, keyid = keyring(world), world.ana.key.keyid
    keys.actor_at(keyid, revoked - 1)
    with pytest.raises(ChainError, match="was revoked"):
        keys.actor_at(keyid, revoked + 1)


def test_the_last_act_of_a_key_can_be_its_own_revocation() -> None:
    world = World()
    revoked = world.revoke(world.ana, by=world.ana)
    keyring(world).actor_at(world.ana.key.keyid, revoked)


def test_nobody_but_an_administrator_revokes_the_key_of_another() -> None:
    world = World()
    world.revoke(world.ana, by=world.sara)
    assert "Only an administrator" in refused(world)


def test_a_key_is_revoked_once_and_registered_once() -> None:
    world = World()
    world.revoke(world.ana)
    world.revoke(world.ana)
    assert "revoked already" in refused(world)
    world = World()
    world.enrol(world.ana)
    assert "registered already" in refused(world)


def test_a_key_that_was_never_registered_cannot_be_revoked() -> None:
    world = World()
    world.revoke(type(world.ana).make("Nobody"))
    assert "never registered" in refused(world)


def test_a_second_suspicion_can_only_reach_further_back() -> None:
    world = World()
    for day in (5, 3, 9):
        world.suspect(world.ana, datetime(2026, 3, day, tzinfo=UTC))
    history = keyring(world).find(world.ana.key.keyid)
    assert history is not None and history.suspect_since == datetime(2026, 3, 3, tzinfo=UTC)


def test_an_unknown_key_belongs_to_nobody() -> None:
    assert Keyring().find("x") is None
    with pytest.raises(ChainError, match="never registered"):
        Keyring().actor_at("x", 1)
