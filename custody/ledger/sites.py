"""What the log states about itself now: where passkeys may be used, how many administrators enrol a key.

The address under which we are reached must be among what is stated, or signatures made here verify nowhere. All of
it changes by a policy.update that administrators sign (custody/acts/policy.py); nothing here changes anything.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings

from custody import env
from custody.ledger import history
from custody.ledger.models import Subject
from custody.proof import members, passkey
from custody.proof.errors import MalformedError
from custody.proof.passkey import Site
from custody.proof.prefix_map import POLICY_ID, Namespace
from custody.proof.stated_policy import Stated, StatedPolicies, write_enrollers


def stated_policy() -> str:
    """Return the policy in force: of the newest policy.update, else of genesis."""
    rows = Subject.objects.filter(namespace=Namespace.POLICY, key=POLICY_ID).order_by("-entry")
    newest = history.read(rows.values_list("entry", flat=True).first() or 0)
    return members.text(newest.record.extra["policy"], "policy")


def in_force() -> Stated:
    """Return what counts for the next record, as every verifier takes it."""
    policies = StatedPolicies()
    policies.at(history.read(0).record)
    for told in history.of_key(Namespace.POLICY, POLICY_ID):
        policies.at(told.record)
    return policies.now()


def stated() -> tuple[Site, ...]:
    """Return the sites in force; none under a policy that cannot be read."""
    return in_force().sites


def own() -> Site | None:
    """Return the site of our public address; None if browsers would bind no passkey to it.

    The domain is the whole host name; a numeric loopback address is the machine itself, that is localhost.
    """
    address = env.named(settings.PUBLIC_URL)
    try:
        return passkey.read_site(urlsplit(address).hostname or "", address)
    except MalformedError:
        return None


def with_site(policy: str, site: Site) -> str:
    """Return the policy with this site stated too, and nothing else changed."""
    lines = policy.rstrip("\n").split("\n")
    return "\n".join([*lines, site.pin()]) + "\n"


def without_site(policy: str, site: Site) -> str:
    """Return the policy without this site, and nothing else changed."""
    lines = [line for line in policy.rstrip("\n").split("\n") if line.split() != site.pin().split()]
    return "\n".join(lines) + "\n"


def with_enrollers(policy: str, number: int) -> str:
    """Return the policy with this number of administrators who enrol a key, and nothing else changed."""
    lines = [
        line for line in policy.rstrip("\n").split("\n") if line.split()[:2] != write_enrollers(1).split()[:2]
    ]
    return "\n".join([*lines, write_enrollers(number)]) + "\n"


def is_number(host: str) -> bool:
    """Tell whether a host, with or without its port, is a numeric address."""
    try:
        ipaddress.ip_address(urlsplit(f"//{host}").hostname or "")
    except ValueError:
        return False
    return True
