"""Who must sign a record: its actor; a key that it enrols; as many administrators as the log states.

    genesis                         root keys that it names, its actor's first
    key.register, policy.update     the actor; further administrators; the old key of the new key's person, who so
                                    confirms the change; last the new key, as proof of possession
    every other record              the actor alone

The number is about persons, not keys. That all signatures verify is signers.py's to check, and the actor's own role
and key are checked where every record's are.
"""

from collections.abc import Sequence

from .errors import ChainError
from .keyring import Keyring
from .records import Record, RecordType, Role

# What one administrator could use to become two, or to make the log ask for fewer.
COUNTERSIGNED = frozenset({RecordType.KEY_REGISTER, RecordType.POLICY_UPDATE})
WRONG = (
    "The record is not signed by those who must: its actor, the key that it enrols, as many administrators as "
    "the log demands."
)


def are_right(record: Record, signers: Sequence[str], keyring: Keyring, index: int, enrollers: int) -> bool:
    """Tell whether these keys, in their order, are those that must sign the record at this place of the log."""
    enrolled = [key.keyid for key in record.enrols()]
    if record.type is RecordType.GENESIS:
        return signers[0] == record.actor and set(signers) <= set(enrolled)
    end = len(signers) - len(enrolled)
    others = signers[1:end]
    if end < 1 or signers[0] != record.actor or list(signers[end:]) != enrolled:
        return False
    if record.type not in COUNTERSIGNED:
        return not others
    actor = keyring.find(record.actor)
    persons = {actor.key.person} if actor else set()
    for keyid in others:
        try:
            other = keyring.actor_at(keyid, index)
        except ChainError:
            return False
        if Role.ADMINISTRATOR in other.roles:
            persons.add(other.person)
        elif all(key.person != other.person for key in record.enrols()):
            return False
    return actor is None or len(persons) >= enrollers
