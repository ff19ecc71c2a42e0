"""Signing keys of this person: make, keep wrapped, unlock, ask for enrolment, prove possession.

The private key is made here and leaves this machine only wrapped by the passphrase, if at all. Enrolment
is a signed act of the administrator, who first lets the holder sign the same bytes with the new key.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from custody.proof import digests, keyfile
from custody.proof.errors import ProofError, WrongPassphraseError
from custody.proof.signatures import Algorithm, SigningKey

from . import card, drafts
from .errors import ClientError, DraftMismatchError, ProfileError
from .profile import Profile
from .server import Answer, Server

_SETTINGS = "settings.json"
_MIN_PASSPHRASE = 12
# A key file has less than two kilobytes; another file given by mistake is not read whole.
_MAX_KEY_FILE = 64 << 10
_POLL = 2.0


def new(profile: Profile, passphrase: str, alg: str = Algorithm.ES256) -> SigningKey:
    """Make a key, keep it wrapped in the profile, and use it from now on."""
    if len(passphrase) < _MIN_PASSPHRASE:
        raise ClientError(f"The passphrase must have at least {_MIN_PASSPHRASE} characters.")
    key = SigningKey.generate(alg)
    profile.write(f"keys/{key.keyid}.key.json", dict(keyfile.wrap(key, passphrase)))
    profile.change(_SETTINGS, keyid=key.keyid)
    return key


def add(profile: Profile, path: Path) -> str:
    """Take a key file from elsewhere into the profile, and use it from now on; give its key id."""
    try:
        if path.stat().st_size > _MAX_KEY_FILE:
            raise ProfileError(f"{path} is too large for a key file.")
        content = json.loads(path.read_bytes())
        keyfile.check(content)
    except OSError as error:
        raise ProfileError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, TypeError, KeyError, ProofError) as error:
        raise ProfileError(f"{path} is not a key file: {error}") from error
    profile.write(f"keys/{content['keyid']}.key.json", content)
    profile.change(_SETTINGS, keyid=content["keyid"])
    return str(content["keyid"])


def current(profile: Profile) -> Answer:
    """Give the key that this profile uses, wrapped or on its card. Raises ProfileError if there is none."""
    keyid = profile.read(_SETTINGS).get("keyid")
    if not isinstance(keyid, str) or "/" in keyid:
        raise ProfileError("There is no signing key in this profile; make one with `key new`.")
    found = profile.read(f"keys/{keyid}.key.json") or profile.read(f"keys/{keyid}.card.json")
    if not found:
        raise ProfileError(f"The key file of {keyid} is missing from this profile.")
    return found


def use_card(profile: Profile, *, module: str, token: str, label: str) -> str:
    """Use a key on a card from now on; give its key id."""
    keyid = card.choose(profile, module=module, token=token, label=label)
    profile.change(_SETTINGS, keyid=keyid)
    return keyid


def is_on_card(public: Answer) -> bool:
    """Tell whether this key, as `current` gives it, is on a card."""
    return "module" in public


@contextmanager
def opened(profile: Profile, secret: str) -> Iterator[drafts.Signer]:
    """Open the key that this profile uses, with its passphrase or the card's PIN."""
    public = current(profile)
    if is_on_card(public):
        with card.opened(public, secret) as key:
            yield key
    else:
        yield unlock(profile, secret)


def unlock(profile: Profile, passphrase: str) -> SigningKey:
    """Open the wrapped key that this profile uses."""
    try:
        return keyfile.unwrap(current(profile), passphrase)
    except WrongPassphraseError as error:
        raise ClientError(str(error)) from error
    except ProofError as error:
        raise ProfileError(f"The key file is damaged: {error}") from error


def request_enrolment(server: Server, public: Answer, *, label: str, copy: Answer | None) -> Answer:
    """Tell the server the public key; `copy` is the wrapped key for use in the browser, or None."""
    body = {
        "keyid": public["keyid"],
        "alg": public["alg"],
        "spki": public["spki"],
        "wrapped": copy,
        "label": label,
    }
    return server.post("keys/", body)


def prove(session: drafts.Session) -> list[str]:
    """Sign, with the new key, every enrolment that waits for its proof; give what was signed."""
    me = session.server.get("me/")
    proven = []
    for row in session.server.list("drafts/", mine="1"):
        if row.get("second_keyid") != session.key.keyid or "new_key" not in row.get("needs", []):
            continue
        draft = drafts.read(row)
        _check_enrolment(session, draft, me)
        drafts.commit(session, draft)
        proven.append(f"Enrolment of key {session.key.keyid} for {me['name']} as {me['role']}.")
    return proven


def _check_enrolment(session: drafts.Session, draft: drafts.Draft, me: Answer) -> None:
    """Return if the enrolment is of this key, for this person, in this role and no other."""
    asked = drafts.Asked("key.register", {}, actor=draft.record.actor, within=drafts.OF_SEVERAL)
    drafts.check(session, draft, asked)
    wanted = {
        "keyid": session.key.keyid,
        "spki": digests.b64(session.key.spki),
        "alg": str(session.key.alg),
        "person": me["person"],
        "roles": [me["role"]],
        "kind": "software",
    }
    if draft.record.extra.get("key") != wanted:
        raise DraftMismatchError(
            "The enrolment is for another key, person or role than yours. Nothing was signed."
        )


def enrol(session: drafts.Session, keyid: str, wait: Callable[[float], bool]) -> drafts.Signed:
    """As administrator: prepare the enrolment, wait for the holder's proof of possession, sign.

    `wait` sleeps that many seconds and says whether to go on waiting.
    """
    answer = session.server.post("drafts/", {"act": "key.register", "params": {"key": keyid}})
    draft = drafts.read(answer)
    drafts.check(session, draft, drafts.Asked("key.register", {}))
    named = draft.record.extra.get("key")
    if not isinstance(named, dict) or named.get("keyid") != keyid:
        raise DraftMismatchError("The server's draft enrols another key. Nothing was signed.")
    while missing := _missing(session, draft.id):
        if not wait(_POLL):
            who = "The holder of the key" if "new_key" in missing else "Another administrator"
            raise ClientError(f"{who} has not signed yet. Nothing was recorded; `together` shows what waits.")
    return drafts.commit(session, draft)


def _missing(session: drafts.Session, draft: str) -> set[str]:
    for row in session.server.list("drafts/", mine="1"):
        if row.get("id") == draft:
            return set(row.get("needs", [])) - {"actor"}
    raise ClientError("The draft of the enrolment has expired. Begin again.")
