"""People, their signing keys, their tokens, and the purgeable log of what they looked at.

It does not decide who may do what to which case: `custody/access.py` does.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from custody.accounts.roles import ADMIN_ROLES, Role
from custody.proof import digests
from custody.proof.enrolment import EnrolledKey, PasskeyFacts
from custody.proof.records import KeyKind
from custody.proof.records import Role as ProofRole
from custody.proof.signatures import Algorithm


class PersonManager(BaseUserManager["Person"]):
    """Makes accounts; `createsuperuser` makes an administrator."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> Person:
        person = self.model(username=username, **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> Person:
        return self.create_user(username, password, role=Role.ADMINISTRATOR, **fields)


class Person(AbstractBaseUser):
    """Somebody with an account, or a machine that signs (role service, no log-on)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    title = models.CharField("rank or title", max_length=120, blank=True)
    badge = models.CharField("ID number", max_length=60, blank=True)
    agency = models.CharField(max_length=160, blank=True)
    unit = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=20, choices=[(r.value, r.label) for r in Role])
    is_active = models.BooleanField(default=True)
    zone = models.CharField("time zone", max_length=60, default="UTC")
    training_until = models.DateField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0, editable=False)
    first_failure = models.DateTimeField(null=True, editable=False)
    locked_at = models.DateTimeField(null=True, editable=False)
    created = models.DateTimeField(auto_now_add=True)

    objects = PersonManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=[r.value for r in Role]), name="person_has_a_role_of_the_house"
            ),
        ]
        ordering = ["name"]
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return self.name or self.username

    @property
    def is_staff(self) -> bool:
        """May log on to the admin; what is seen there is decided model by model."""
        return self.role in ADMIN_ROLES

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """The admin classes decide by role themselves; no permission table stands behind them."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_staff

    def identity(self) -> dict[str, str]:
        """Return what a form prints of a person: name, title, ID, agency, role."""
        return {
            "name": self.name,
            "title": self.title,
            "badge": self.badge,
            "agency": self.agency,
            "role": self.role,
            "person": str(self.uuid),
        }


class KeyState(models.TextChoices):
    REQUESTED = "requested", "waiting for enrolment"
    REGISTERED = "registered", "registered"
    REVOKED = "revoked", "revoked"


class SigningKey(models.Model):
    """The public half of a person's key; the private half is wrapped by a passphrase we never see, or in a device.

    A passkey's row holds what its browser is asked with, and the attestation that its enrolment hashes.
    """

    keyid = models.CharField(primary_key=True, max_length=43)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="keys")
    alg = models.CharField(max_length=12)
    spki = models.BinaryField()
    kind = models.CharField(max_length=12, default="software")
    label = models.CharField(max_length=80, blank=True)
    wrapped = models.JSONField(null=True, blank=True)
    # {"credential", "transports", "rp", "backup_eligible", "backed_up"}: as the authenticator said at first.
    passkey = models.JSONField(null=True, blank=True)
    attestation = models.BinaryField(null=True)
    state = models.CharField(max_length=12, choices=KeyState.choices, default=KeyState.REQUESTED)
    requested = models.DateTimeField()
    registered_entry = models.BigIntegerField(null=True, unique=True)
    revoked_entry = models.BigIntegerField(null=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state=KeyState.REQUESTED, registered_entry__isnull=True, revoked_entry__isnull=True
                )
                | Q(state=KeyState.REGISTERED, registered_entry__isnull=False, revoked_entry__isnull=True)
                | Q(state=KeyState.REVOKED, revoked_entry__isnull=False),
                name="key_state_has_its_ledger_entry",
            ),
            models.CheckConstraint(
                condition=Q(keyid__regex=r"^[A-Za-z0-9_-]{43}$"), name="key_id_is_a_digest"
            ),
            models.CheckConstraint(
                condition=Q(
                    kind="webauthn", passkey__isnull=False, attestation__isnull=False, wrapped__isnull=True
                )
                | Q(~Q(kind="webauthn"), passkey__isnull=True, attestation__isnull=True),
                name="key_of_kind_webauthn_has_its_attestation",
            ),
        ]

    def __str__(self) -> str:
        return self.keyid

    def enrolled(self) -> EnrolledKey:
        """Return the key as its registration states it, in the present role of its person."""
        return EnrolledKey(
            keyid=self.keyid,
            spki=bytes(self.spki),
            alg=Algorithm(self.alg),
            person=self.person.uuid,
            roles=frozenset({ProofRole(self.person.role)}),
            kind=KeyKind(self.kind),
            passkey=self.passkey_facts(),
        )

    def passkey_facts(self) -> PasskeyFacts | None:
        """Return what the registration of a passkey states beside the key."""
        if self.passkey is None:
            return None
        return PasskeyFacts(
            attestation=digests.sha256(bytes(self.attestation or b"")),
            backup_eligible=self.passkey["backup_eligible"],
            backed_up=self.passkey["backed_up"],
        )

    def in_words(self) -> str:
        """Say what kind of key it is, for whoever relies on it."""
        if self.passkey is None:
            if self.kind == KeyKind.SERVICE:
                return "Key of the machines"
            return (
                "Key under a passphrase"
                if self.wrapped
                else "Key in a key file or a card, outside this system"
            )
        if self.passkey["backed_up"]:
            return "Passkey, synced: other devices of its holder have a copy of it"
        if self.passkey["backup_eligible"]:
            return "Passkey that can be synced to other devices of its holder"
        return "Passkey, bound to one device: it cannot be copied"


class ApiToken(models.Model):
    """A bearer token of the API; only its SHA-256 is kept."""

    digest = models.CharField(primary_key=True, max_length=64)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    created = models.DateTimeField()
    expires = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires__gt=F("created")), name="token_expires_after_it_was_made"
            )
        ]


class AccessLog(models.Model):
    """One consultation or log-on: purgeable, apart from the permanent ledger (LED art. 25, CJIS AU-3).

    Its daily digest goes into the ledger as `log.daily`.
    """

    when = models.DateTimeField(db_index=True)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT)
    act = models.CharField(max_length=40)
    object_kind = models.CharField(max_length=30, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    outcome = models.CharField(max_length=20)
    justification = models.TextField(blank=True)
    recipient = models.TextField(blank=True)
    source = models.CharField(max_length=64, blank=True)
    octets = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["-id"]


def note_access(
    *,
    person: Person | None,
    act: str,
    now: datetime,
    outcome: str = "allowed",
    object_kind: str = "",
    object_id: object = "",
    justification: str = "",
    recipient: str = "",
    source: str = "",
    octets: int | None = None,
) -> None:
    """Write one row of the access log."""
    AccessLog.objects.create(
        when=now,
        person=person,
        act=act,
        outcome=outcome,
        object_kind=object_kind,
        object_id=str(object_id),
        justification=justification,
        recipient=recipient,
        source=source,
        octets=octets,
    )
