"""Where passkeys may be used: what the log states, whether our own address is among it, and changing that.

The page shows the policy as it is and as it would be; the change is a signed act (acts/policy.py).
"""

from __future__ import annotations

from typing import Any

from django.conf import settings

from custody.accounts.models import KeyState, Person
from custody.accounts.roles import Role
from custody.ledger import sites

ROLES = frozenset({Role.ADMINISTRATOR})


def state(person: Person) -> dict[str, Any]:
    """Return what the page shows."""
    policy, stated, own = sites.stated_policy(), sites.stated(), sites.own()
    is_stated = own is None or own in stated
    return {
        "policy": policy,
        "public_url": settings.PUBLIC_URL,
        "own": own,
        "is_stated": is_stated,
        "proposed": sites.with_site(policy, own) if own and not is_stated else "",
        "stated": [
            {"site": site, "is_own": site == own, "without": sites.without_site(policy, site)}
            for site in stated
        ],
        "has_key": person.keys.filter(state=KeyState.REGISTERED).exists(),
    }
