"""What the log says of itself: its keys, and the witnesses that the agency has named, as a C2SP policy.

The witnesses come from the setting UNBROKEN_WITNESSES, in the lines of a policy (`witness`, `group`, `quorum`).
Verifiers get the whole as the policy file; genesis and `policy.update` records state it in the log.
"""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings

from custody.ledger import keys
from custody.proof.errors import MalformedError
from custody.proof.policy import NO_QUORUM, Group, Policy, Witness, format_policy, parse_policy

OWN = "log-ml-dsa-44"
TOGETHER = "log-and-witnesses"


class WitnessesError(RuntimeError):
    """What UNBROKEN_WITNESSES says cannot be used."""


def stated(
    genesis: bytes | None = None, seals: tuple[str, ...] = (), stampers: tuple[str, ...] = ()
) -> Policy:
    """Return the policy of this log: a head needs its own keys and the quorum of its witnesses.

    Raises WitnessesError.
    """
    outside, own = named_witnesses(), keys.post_quantum_signer()
    log = (keys.note_signer().public,)
    policy = replace(outside, logs=log, genesis=genesis, seals=seals, stampers=stampers)
    if own is not None:
        policy = _with_own_key(policy, Witness(OWN, own.public))
    try:
        format_policy(policy)  # refuses, for example, a witness with the log's own key
    except MalformedError as error:
        raise WitnessesError(
            f"The witnesses of UNBROKEN_WITNESSES do not go with this log: {error}"
        ) from error
    return policy


def named_witnesses() -> Policy:
    """Return the witnesses that the agency has named; none if it has not. Raises WitnessesError."""
    if not settings.WITNESSES:
        return Policy(())
    try:
        found = parse_policy(settings.WITNESSES)
    except MalformedError as error:
        raise WitnessesError(f"The witnesses of UNBROKEN_WITNESSES cannot be read: {error}") from error
    if found != Policy((), witnesses=found.witnesses, groups=found.groups, quorum=found.quorum):
        raise WitnessesError("UNBROKEN_WITNESSES has other lines than witness, group and quorum.")
    if any(witness.key.name == keys.log_origin() for witness in found.witnesses):
        raise WitnessesError("UNBROKEN_WITNESSES names the log as its own witness.")
    return found


def _with_own_key(policy: Policy, own: Witness) -> Policy:
    """Demand the log's post-quantum signature too: by the standard any one `log` line would do."""
    witnesses = (own, *policy.witnesses)
    if policy.quorum == NO_QUORUM:
        return replace(policy, witnesses=witnesses, quorum=OWN)
    both = Group(TOGETHER, 2, (OWN, policy.quorum))
    return replace(policy, witnesses=witnesses, groups=(*policy.groups, both), quorum=TOGETHER)
