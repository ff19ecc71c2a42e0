"""What the log says of itself: its keys, and the witnesses that the agency has named, as a C2SP policy.

The witnesses come from the file that UNBROKEN_WITNESSES names, in the lines of a policy (`witness`, `group`, `quorum`).
Verifiers get the whole as the policy file; genesis and `policy.update` records state it in the log.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from django.conf import settings

from custody.ledger import keys
from custody.proof.errors import MalformedError
from custody.proof.policy import NO_QUORUM, Group, Policy, Witness, format_policy, parse_policy

OWN = "log-ml-dsa-44"
TOGETHER = "log-and-witnesses"


class WitnessesFileError(RuntimeError):
    """The file that names the witnesses cannot be used."""


def stated(
    genesis: bytes | None = None, seals: tuple[str, ...] = (), stampers: tuple[str, ...] = ()
) -> Policy:
    """Return the policy of this log: a head needs its own keys and the quorum of its witnesses.

    Raises WitnessesFileError.
    """
    outside, own = named_witnesses(), keys.post_quantum_signer()
    policy = replace(
        outside, logs=(keys.note_signer().public,), genesis=genesis, seals=seals, stampers=stampers
    )
    if own is not None:
        policy = _with_own_key(policy, Witness(OWN, own.public))
    try:
        format_policy(policy)  # for example a witness with the log's own key
    except MalformedError as error:
        raise WitnessesFileError(f"{settings.WITNESSES_FILE} does not go with this log: {error}") from error
    return policy


def named_witnesses() -> Policy:
    """Read the witnesses that the agency has named; none if it has not. Raises WitnessesFileError."""
    if not settings.WITNESSES_FILE:
        return Policy(())
    try:
        found = parse_policy(Path(settings.WITNESSES_FILE).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, MalformedError) as error:
        raise WitnessesFileError(
            f"The witnesses in {settings.WITNESSES_FILE} cannot be read: {error}"
        ) from error
    if found != Policy((), witnesses=found.witnesses, groups=found.groups, quorum=found.quorum):
        raise WitnessesFileError(f"{settings.WITNESSES_FILE} has other lines than witness, group and quorum.")
    if any(witness.key.name == keys.log_origin() for witness in found.witnesses):
        raise WitnessesFileError(f"{settings.WITNESSES_FILE} names the log as its own witness.")
    return found


def _with_own_key(policy: Policy, own: Witness) -> Policy:
    """Demand the log's post-quantum signature too: by the standard any one `log` line would do."""
    witnesses = (own, *policy.witnesses)
    if policy.quorum == NO_QUORUM:
        return replace(policy, witnesses=witnesses, quorum=OWN)
    both = Group(TOGETHER, 2, (OWN, policy.quorum))
    return replace(policy, witnesses=witnesses, groups=(*policy.groups, both), quorum=TOGETHER)
