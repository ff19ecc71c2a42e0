"""Open the custody log of a new installation: keys, administrator, genesis, seal. Running it again changes nothing."""

from __future__ import annotations

import getpass
import json
import os
import secrets
from argparse import ArgumentParser
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from custody.accounts.models import Person
from custody.accounts.roles import LABELS, Role
from custody.ledger import genesis, keys
from custody.proof import keyfile
from custody.proof.signatures import SigningKey
from custody.reports import agency_seal

ADMINISTRATOR_KEY = "administrator.key.json"
UNIT = "Trafficking unit"
# username, name, title, role; fictional people of the demonstration.
PEOPLE = [
    ("supervisor", "Ingrid Halvorsen", "Detective chief inspector", Role.SUPERVISOR),
    ("examiner", "Tomás Rey", "Forensic examiner", Role.EXAMINER),
    ("examiner2", "Amara Diallo", "Senior forensic examiner", Role.EXAMINER),
    ("officer", "Piotr Zieliński", "Evidence officer", Role.EVIDENCE_OFFICER),
    ("prosecutor", "Noor van Dijk", "Public prosecutor", Role.PROSECUTOR),
    ("advocate", "Leila Haddad", "Victim advocate", Role.ADVOCATE),
    ("auditor", "Henrik Sjöberg", "Auditor", Role.AUDITOR),
]


class Command(BaseCommand):
    help = "Make the log's keys, the first administrator and the genesis record (once)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--demo", action="store_true", help="also make the demonstration's accounts")
        parser.add_argument("--administrator", default="admin", help="user name of the first administrator")

    def handle(self, *args: Any, **options: Any) -> None:
        self._keys()
        if not genesis.is_open():
            accounts: dict[str, dict[str, str]] = {}
            password, passphrase = self._secrets(options["demo"])
            administrator = _person(
                options["administrator"], "Administrator", "Administrator", Role.ADMINISTRATOR, password
            )
            accounts[administrator.username] = _account(administrator, password, passphrase)
            if options["demo"]:
                accounts |= _demo_people()
                # Written before genesis: a crash in between leaves a file that the next run writes anew.
                _write_accounts(accounts)
            self._genesis(administrator, passphrase)
            self.stdout.write(f"The custody log {settings.LOG_ORIGIN} is open.")
        policy = Path(settings.DATA_DIR) / "policy.txt"
        policy.write_text(genesis.policy_text(agency_seal.pins()), encoding="utf-8")

    def _keys(self) -> None:
        folder = Path(settings.KEYS_DIR)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not (folder / keys.LOG_KEY).exists():
            keys.make_log_key()
        # An open log without this key goes on without it: its readers have pinned a policy that does not name it.
        if not (folder / keys.POST_QUANTUM_KEY).exists() and not genesis.is_open():
            keys.make_post_quantum_key()
        if not (folder / keys.SERVICE_KEY).exists():
            keys.make_service_key()
        if not agency_seal.exists():
            agency_seal.make_test(datetime.now(UTC))

    def _secrets(self, demo: bool) -> tuple[str, str]:
        password, passphrase = (
            os.environ.get("UNBROKEN_ADMIN_PASSWORD"),
            os.environ.get("UNBROKEN_ROOT_PASSPHRASE"),
        )
        if password and passphrase:
            return password, passphrase
        if demo:
            return _secret(), _secret()
        if not os.isatty(0):
            raise CommandError(
                "Set UNBROKEN_ADMIN_PASSWORD and UNBROKEN_ROOT_PASSPHRASE, or run this at a terminal."
            )
        return (
            getpass.getpass("Password of the first administrator: "),
            getpass.getpass("Passphrase of the root signing key: "),
        )

    def _genesis(self, administrator: Person, passphrase: str) -> None:
        """Make the root key; one left by an interrupted run signed nothing, so it is replaced."""
        path = Path(settings.KEYS_DIR) / ADMINISTRATOR_KEY
        root = SigningKey.generate()
        wrapped = keyfile.wrap(root, passphrase)
        path.unlink(missing_ok=True)
        keys.write_key_file(ADMINISTRATOR_KEY, json.dumps(wrapped, indent=1).encode())
        genesis.open_log(administrator, root, dict(wrapped), datetime.now(UTC))


def _secret() -> str:
    """Return a password that people can type: four groups of letters and digits without look-alikes."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(5)) for _ in range(4))


def _person(username: str, name: str, title: str, role: Role, password: str) -> Person:
    person = Person.objects.filter(username=username).first() or Person(username=username)
    person.name, person.title, person.role, person.agency = name, title, role, settings.AGENCY
    person.unit, person.badge = UNIT, f"D-{1000 + len(username) * 7}"
    person.training_until = date.today() + timedelta(days=365)
    person.zone = settings.DEFAULT_VIEWER_ZONE
    person.set_password(password)
    person.save()
    return person


def _demo_people() -> dict[str, dict[str, str]]:
    accounts = {}
    for number, (username, name, title, role) in enumerate(PEOPLE):
        password, passphrase = _secret(), _secret()
        person = _person(username, name, title, role, password)
        person.badge = f"D-{1011 + number * 13}"
        person.save(update_fields=["badge"])
        accounts[username] = _account(person, password, passphrase)
    return accounts


def _account(person: Person, password: str, passphrase: str) -> dict[str, str]:
    role = Role(person.role)
    return {
        "password": password,
        "passphrase": passphrase,
        "name": person.name,
        "role": role,
        "label": LABELS[role],
    }


def _write_accounts(accounts: dict[str, dict[str, str]]) -> None:
    path = Path(settings.DATA_DIR) / "demo-accounts.json"
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(accounts, file, indent=1, ensure_ascii=False)
