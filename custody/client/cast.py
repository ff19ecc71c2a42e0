"""The people of the demonstration: each with a profile folder, a token and an enrolled key of their own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from . import keys, receipts, session
from .drafts import Session
from .errors import ClientError
from .profile import Profile

ADMINISTRATOR = "admin"


@dataclass(frozen=True)
class Account:
    """What a person of the demonstration logs on and signs with."""

    username: str
    password: str
    passphrase: str
    name: str
    role: str


def read_accounts(path: Path) -> dict[str, Account]:
    """Read the accounts that were made with the log. Raises ClientError."""
    try:
        content = json.loads(path.read_bytes())
        return {
            username: Account(username, row["password"], row["passphrase"], row["name"], row["role"])
            for username, row in content.items()
        }
    except FileNotFoundError as error:
        raise ClientError(
            f"There are no demonstration accounts ({path} is missing). They are made when the log is opened "
            "with `manage.py open_log --demo`; a real installation does not have them."
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ClientError(f"{path} is not a file of demonstration accounts: {error}.") from error


class Cast:
    """Everybody who plays a part; sessions are opened on first use and closed together."""

    def __init__(self, folder: Path, address: str, accounts: Mapping[str, Account]) -> None:
        self.folder, self._address, self._accounts = folder, address, accounts
        self._sessions: dict[str, Session] = {}
        self._people: dict[str, str] = {}
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for opened in self._sessions.values():
            opened.server.close()

    def account(self, username: str) -> Account:
        """Give the account of a person."""
        if username not in self._accounts:
            raise ClientError(f"The demonstration has no account {username!r}.")
        return self._accounts[username]

    def person(self, username: str) -> str:
        """Give the id of a person."""
        if username not in self._people:
            self._people[username] = str(self.session(username).server.get("me/")["person"])
        return self._people[username]

    def session(self, username: str) -> Session:
        """Give the open session of a person who has logged on and has a key."""
        if username not in self._sessions:
            raise ClientError(f"{self.account(username).name} has not logged on.")
        return self._sessions[username]

    def arrive(self, *, administrator_key: Path, policy: Path, say: Callable[[str], None]) -> None:
        """Let everybody log on, make a key where there is none, and have it enrolled.

        Everybody pins the log's policy from the file beside the server, not from the server's answer.
        """
        try:
            trusted = policy.read_bytes()
        except OSError as error:
            raise ClientError(f"The log's policy {policy} cannot be read: {error.strerror}.") from error
        for username in self._accounts:
            profile = Profile(self.folder / username)
            account = self.account(username)
            session.log_on(profile, self._address, username, account.password)
            profile.write_bytes(receipts.POLICY_FILE, trusted)
            if username == ADMINISTRATOR:
                keys.add(profile, administrator_key)
            elif not profile.read("settings.json").get("keyid"):
                keys.new(profile, account.passphrase)
            self._sessions[username] = session.open_session(profile, account.passphrase)
        for username in self._accounts:
            if username != ADMINISTRATOR:
                self._enrol(username, say)

    def keep_receipts(self) -> list[str]:
        """Let everybody fetch and check the receipts of what they signed; give a sentence for each missing."""
        missing = []
        for opened in self._sessions.values():
            entries = receipts.awaited(opened.profile)
            missing += receipts.keep(opened.server, opened.profile, entries, opened.pause)
        return missing

    def _enrol(self, username: str, say: Callable[[str], None]) -> None:
        holder, administrator = self.session(username), self.session(ADMINISTRATOR)
        keyid = holder.key.keyid
        states = {row["keyid"]: row["state"] for row in holder.server.get("me/")["keys"]}
        if states.get(keyid) == "registered":
            return
        if keyid not in states:
            # The wrapped key goes to the server too, so that the same person can sign in the browser.
            wrapped = keys.current(holder.profile)
            keys.request_enrolment(holder.server, wrapped, label="demonstration", copy=wrapped)
        signed = keys.enrol(administrator, keyid, lambda seconds: bool(keys.prove(holder)))
        say(f"Key of {self.account(username).name} ({username}) enrolled as entry {signed.entry}.")
