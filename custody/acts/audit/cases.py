"""Compares cases, assignments, legal authorities and signing keys with what the ledger says of them."""

from __future__ import annotations

from django.db.models import TextField
from django.db.models.functions import Cast

from custody.accounts.models import KeyState, SigningKey
from custody.acts.audit.rows import Claims, Columns, Comparison, batches
from custody.acts.audit.told import About
from custody.acts.fields import utc
from custody.proof.keyring import KeyHistory, Keyring
from custody.proof.records import RecordType
from evidence.cases import Assignment, Case, CaseStatus, LegalAuthority


def compare_cases(comparison: Comparison) -> None:
    """What opening committed to, and whether it is closed."""
    account = comparison.account
    for batch in batches(account.opened_cases.items()):
        rows = Case.objects.in_bulk([case for case, _ in batch])
        claims = comparison.claims(index for _, index in batch)
        for case, index in batch:
            row, what, closed = rows.get(case), f"Case {case}", account.closed_cases.get(case)
            if row is None:
                comparison.missing(what, index)
                continue
            opened = claims[index]
            names = ("number", "title", "offence", "unit", "restricted")
            comparison.columns(what, index, [(name, getattr(row, name), opened.get(name)) for name in names])
            status = CaseStatus.OPEN if closed is None else CaseStatus.CLOSED
            standing = [("status", row.status, status), ("last_entry", row.last_entry, closed or index)]
            comparison.columns(what, closed or index, standing)
    for pk in Case.objects.values_list("pk", flat=True).iterator(chunk_size=1000):
        if pk not in account.opened_cases:
            comparison.unknown(f"Case {pk}")


def compare_assignments(comparison: Comparison) -> None:
    """Who was put on which case and taken off it, by which entries."""
    begun: set[int] = set()
    ended: dict[int, int] = {}
    for batch in batches(comparison.account.entries[RecordType.CASE_ASSIGN]):
        claims = comparison.claims(about.index for about in batch)
        found = Assignment.objects.select_related("person")
        indices = [about.index for about in batch]
        since = {row.since_entry: row for row in found.filter(since_entry__in=indices)}
        until = {row.until_entry: row for row in found.filter(until_entry__in=indices)}
        for about in batch:
            ends = claims[about.index].get("act") == "end"
            row = (until if ends else since).get(about.index)
            what = f"The assignment of entry {about.index}"
            if row is None:
                comparison.missing(what, about.index)
                continue
            comparison.columns(what, about.index, _assignment(row, about, claims[about.index]))
            if ends:
                ended[row.pk] = about.index
            else:
                begun.add(about.index)
    rows = Assignment.objects.values_list("pk", "since_entry", "until_entry")
    for pk, since_entry, until_entry in rows.iterator(chunk_size=1000):
        if since_entry not in begun:
            comparison.unknown(f"Assignment {pk}", since_entry)
        elif until_entry != ended.get(pk):
            pairs = [("until_entry", until_entry, ended.get(pk))]
            comparison.columns(f"The assignment of entry {since_entry}", since_entry, pairs)


def _assignment(row: Assignment, about: About, claims: Claims) -> Columns:
    yield "case", row.case_id, about.case
    yield "person", str(row.person.uuid), claims.inner("person", "person")


def compare_authorities(comparison: Comparison) -> None:
    """What was entered of each warrant, order or consent, and whether it was ended."""
    account = comparison.account
    ended: dict[str, int] = {}
    for batch in batches(account.entries[RecordType.AUTHORITY_END]):
        for index, claims in comparison.claims(about.index for about in batch).items():
            ended[str(claims.get("authority"))] = index
    known = set()
    for batch in batches(account.entries[RecordType.AUTHORITY_ADD]):
        opened = comparison.claims(about.index for about in batch)
        ids = {about.index: opened[about.index].get("authority") for about in batch}
        # Through text: a statement that was tampered with need not be an id, and must not end the audit.
        found = LegalAuthority.objects.annotate(text=Cast("uuid", TextField()))
        rows = {str(row.pk): row for row in found.filter(text__in=[str(one) for one in ids.values()])}
        for about in batch:
            name = ids[about.index]
            known.add(str(name))
            row, what = rows.get(str(name)), f"The legal authority of entry {about.index}"
            if row is None:
                comparison.missing(what, about.index)
                continue
            comparison.columns(what, about.index, _entered(row, about, opened[about.index]))
            end = ended.get(str(name))
            comparison.columns(what, end or about.index, _ended(row, about, end))
    for pk in LegalAuthority.objects.values_list("pk", flat=True).iterator(chunk_size=1000):
        if str(pk) not in known:
            comparison.unknown(f"Legal authority {pk}")


def _entered(row: LegalAuthority, about: About, claims: Claims) -> Columns:
    yield "case", row.case_id, about.case
    for name in ("kind", "issuer", "reference", "scope", "categories"):
        yield name, getattr(row, name), claims.get(name)
    for name in ("valid_from", "valid_until"):
        yield name, utc(getattr(row, name)), claims.get(name)


def _ended(row: LegalAuthority, about: About, end: int | None) -> Columns:
    yield "ended_at", row.ended_at is not None, end is not None
    yield "last_entry", row.last_entry, about.index if end is None else end


def compare_keys(comparison: Comparison, keyring: Keyring) -> None:
    """Whose key it is, where in the log it counts, and that its holder's role is the enrolled one."""
    rows = SigningKey.objects.select_related("person")
    seen = set()
    for row in rows.iterator(chunk_size=500):
        seen.add(row.keyid)
        told, what = keyring.find(row.keyid), f"The key {row.keyid}"
        if told is None:
            if row.state != KeyState.REQUESTED:
                comparison.unknown(what, row.registered_entry)
            continue
        comparison.columns(what, told.registered, _key(row, told))
    for keyid, index in comparison.account.keys.items():
        if keyid not in seen:
            comparison.missing(f"The key {keyid}", index)


def _key(row: SigningKey, told: KeyHistory) -> Columns:
    yield "state", row.state, KeyState.REGISTERED if told.revoked is None else KeyState.REVOKED
    yield "registered_entry", row.registered_entry, told.registered
    yield "revoked_entry", row.revoked_entry, told.revoked
    yield "spki", bytes(row.spki), told.key.spki
    yield "alg", row.alg, str(told.key.alg)
    yield "kind", row.kind, str(told.key.kind)
    yield "what is known of the passkey", row.passkey_facts(), told.key.passkey
    yield "person", row.person.uuid, told.key.person
    yield "role of its holder", row.person.role in {str(role) for role in told.key.roles}, True
