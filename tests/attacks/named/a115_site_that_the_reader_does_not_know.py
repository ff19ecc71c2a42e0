"""An administrator states that passkeys may be used on a site of a stranger.

A reader who has pinned the agency's site accepts no other.
"""

from dataclasses import replace

from custody.proof.findings import FindingCode as C
from custody.proof.passkey import Site
from tests.attacks.named import Attempt, show
from tests.proof import bad_passkeys as passkey_hands
from tests.proof import passkeys
from tests.proof.world import story

THREAT = 31
WHO = "administrator of people and keys"


def attempt() -> Attempt:
    told = story()
    world = told.world

    site = Site("evidence.example", "https://evidence.example")
    person = passkey_hands.holder(told, passkeys.Passkey())
    world.state(site)
    stranger = passkeys.Passkey(site=site)
    passkey_hands.noted(
        told, person, lambda key, message: key.signature(message, client_data=stranger.client_data(message))
    )
    world.publish()
    return show(world, C.PASSKEY_SITE, policy=replace(world.policy, passkeys=(passkeys.SITE,)))
