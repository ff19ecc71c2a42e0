"""Everything stored is read again in time: the longest unread first, no faster than allowed, and damage is an alarm."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from custody.acts import reread
from custody.jobs import Job, JobKind
from evidence.items import FixityCheck, Item
from workers import fixity
from workers.tasks import reread as by_the_clock

LATER = timedelta(days=91)


@pytest.fixture
def items(cast) -> list[Item]:
    """Three exhibits of 10 bytes, the first taken in first."""
    authority = cast.add_authority(cast.open_case())
    return [cast.take_in(authority, b"%010d" % n, exhibit_number=f"EX-{n}") for n in range(3)]


def ordered() -> list[str]:
    """The exhibits whose reading by the clock waits, in the order in which it was ordered."""
    rows = Job.objects.filter(kind=JobKind.FIXITY, recipe__startswith=reread.RECIPE, state="waiting")
    numbers = dict(Item.objects.values_list("uuid", "exhibit_number"))
    return [numbers[row.subject] for row in rows.order_by("created", "pk")]


def damage(item: Item) -> None:
    stored = str(item.stored_id)
    path = Path(settings.VAULT_DIR) / "objects" / stored[:2] / stored
    path.chmod(0o600)
    with path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        last = file.read(1)
        file.seek(-1, os.SEEK_END)
        file.write(bytes([last[0] ^ 1]))


def test_nothing_is_read_before_it_is_due(items):
    assert reread.plan(timezone.now() + timedelta(days=80)) == 0


def test_what_is_due_is_read_and_recorded_and_then_not_due(cast, items):
    assert reread.plan(timezone.now() + LATER) == 3
    cast.work(JobKind.FIXITY)
    assert [check.outcome for check in FixityCheck.objects.all()] == ["match"] * 3
    assert reread.plan(timezone.now() + timedelta(days=80)) == 0
    standing = reread.standing(timezone.now())
    assert (standing.exhibits, standing.size, standing.overdue, standing.wrong) == (3, 30, 0, ())


def test_the_longest_unread_comes_first_and_the_rest_waits_its_turn(items, monkeypatch):
    monkeypatch.setattr(reread, "rate", lambda: 1)
    monkeypatch.setattr(reread, "EVERY", timedelta(seconds=15))
    now = timezone.now() + LATER
    fresh = items[0]
    lately = fresh.received_at + timedelta(hours=1)
    FixityCheck.objects.create(item=fresh, outcome="match", checked_at=lately, entry=fresh.last_entry)
    assert reread.plan(now) == 1, "fifteen bytes are allowed, and each has ten"
    assert ordered() == ["EX-1"]
    assert reread.plan(now) == 0, "a round goes on"


def test_one_exhibit_larger_than_a_round_is_read_all_the_same(items, monkeypatch):
    monkeypatch.setattr(reread, "rate", lambda: 1)
    monkeypatch.setattr(reread, "EVERY", timedelta(seconds=1))
    assert reread.plan(timezone.now() + LATER) == 1


def test_readings_by_the_clock_keep_to_the_rate_and_those_for_people_do_not(monkeypatch):
    monkeypatch.setattr(reread, "rate", lambda: 100)
    started = time.monotonic()
    assert b"".join(fixity.slowly([b"x" * 10] * 4)) == b"x" * 40
    assert time.monotonic() - started >= 0.3
    assert not reread.is_scheduled(Job(recipe="transfer-1"))


def test_damage_found_by_the_clock_is_an_alarm_for_those_who_can_act(cast, items):
    damage(items[1])
    reread.plan(timezone.now() + LATER)
    cast.work(JobKind.FIXITY)
    assert [item.exhibit_number for item in reread.standing(timezone.now()).wrong] == ["EX-1"]
    for name, place in (
        ("examiner", "/"),
        ("officer", "/"),
        ("supervisor", "/"),
        ("auditor", "/admin/verification/"),
    ):
        assert "EX-1" in page(cast, name, place), name
        assert "not what was taken in" in page(cast, name, place), name
    assert "not what was taken in" not in page(cast, "stranger", "/"), "nor is it anybody's business outside"


def test_what_cannot_be_read_is_not_called_tampering(cast, items):
    stored = str(items[2].stored_id)
    (Path(settings.VAULT_DIR) / "objects" / stored[:2] / stored).rename(Path(settings.VAULT_DIR) / "away")
    reread.plan(timezone.now() + LATER)
    cast.work(JobKind.FIXITY)
    assert "not proof of tampering" in page(cast, "officer", "/")


def test_a_reading_that_succeeds_again_ends_the_alarm(cast, items):
    stored = str(items[2].stored_id)
    place, away = (
        Path(settings.VAULT_DIR) / "objects" / stored[:2] / stored,
        Path(settings.VAULT_DIR) / "away",
    )
    place.rename(away)
    reread.plan(timezone.now() + LATER)
    cast.work(JobKind.FIXITY)
    away.rename(place)
    reread.plan(timezone.now() + 2 * LATER)
    cast.work(JobKind.FIXITY)
    assert reread.standing(timezone.now()).wrong == ()


def test_the_clock_asks_for_it(items, monkeypatch):
    asked = []
    monkeypatch.setattr(reread, "plan", asked.append)
    by_the_clock()
    assert len(asked) == 1


def page(cast, name: str, address: str) -> str:
    client = Client()
    client.force_login(cast.people[name], backend="custody.accounts.backend.PersonBackend")
    return client.get(address).content.decode()
