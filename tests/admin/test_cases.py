"""Cases in the administration: every change is a form that is signed; what it asks for is what the act asks for."""

from __future__ import annotations

import re

import pytest

from evidence.cases import AuthorityKind, DataCategory


@pytest.fixture
def supervisor(client_of):
    return client_of("supervisor")


@pytest.fixture
def case(cast):
    return cast.open_case()


def page(client, case):
    return client.get(f"/admin/evidence/case/{case.pk}/").content.decode()


def forms(text):
    """Return act and field names of every signed form."""
    found = re.findall(r'<form[^>]*data-act="([^"]+)"[^>]*>(.*?)</form>', text, re.DOTALL)
    return [(act, set(re.findall(r'name="([^"]+)"', body))) for act, body in found]


def test_the_list_is_of_ones_own_unit(cast, client_of, case):
    assert "2026-0417" in client_of("supervisor").get("/admin/evidence/case/").content.decode()
    assert "2026-0417" not in client_of("supervisor2").get("/admin/evidence/case/").content.decode()


def test_opening_asks_for_what_the_act_asks_for_and_goes_to_the_case(supervisor):
    text = supervisor.get("/admin/evidence/case/open/").content.decode()
    assert forms(text) == [("case.open", {"number", "title", "offence", "restricted"})]
    assert 'data-next="/admin/evidence/case/{case}/"' in text


def test_the_page_of_an_open_case_offers_everything(cast, supervisor, case):
    authority = cast.add_authority(case)
    text = page(supervisor, case)
    acts = [act for act, _ in forms(text)]
    assert acts == ["case.assign"] * 6 + ["authority.end", "authority.add", "case.close"]
    fields = dict(forms(text))
    assert fields["authority.add"] == {
        "case",
        "kind",
        "reference",
        "issuer",
        "scope",
        "categories",
        "valid_from",
        "valid_until",
    }
    assert f'name="authority" value="{authority.pk}"' in text
    for value in [*AuthorityKind.values, *DataCategory.values]:
        assert f'value="{value}"' in text
    assert text.count("data-many") == len(DataCategory.values)


def test_only_people_who_can_be_assigned_are_offered(cast, supervisor, case):
    text = page(supervisor, case)
    offered = set(re.findall(r'<option value="([0-9a-f-]{36})">', text))
    assert str(cast.stranger.uuid) in offered
    assert str(cast.auditor.uuid) in offered
    assert str(cast.admin.uuid) not in offered
    assert str(cast.examiner.uuid) not in offered, "is on the case already"


def test_taking_somebody_off_is_the_same_act_with_an_end(cast, supervisor, case):
    text = page(supervisor, case)
    ending = [names for act, names in forms(text) if act == "case.assign" and "end" in names]
    assert len(ending) == 5
    cast.act("supervisor", "case.assign", case=str(case.pk), person=str(cast.officer.uuid), end="yes")
    assert "Take Officer Lindqvist off the case" not in page(supervisor, case)


def test_a_closed_case_offers_nothing_more_to_add(cast, supervisor, case):
    cast.add_authority(case)
    cast.act("supervisor", "case.close", case=str(case.pk), reason="Done")
    # An authority can still be ended: what rests on it must be freezable at any time.
    assert [act for act, _ in forms(page(supervisor, case))] == ["authority.end"]


def test_an_authority_that_ended_says_so_and_cannot_be_ended_again(cast, supervisor, case):
    authority = cast.add_authority(case)
    cast.act("supervisor", "authority.end", authority=str(authority.pk), reason="Withdrawn")
    text = page(supervisor, case)
    assert "not valid now" in text
    assert "authority.end" not in [act for act, _ in forms(text)]


def test_a_supervisor_who_was_assigned_from_another_unit_sees_the_case(cast, client_of, case):
    cast.act("supervisor", "case.assign", case=str(case.pk), person=str(cast.supervisor2.uuid))
    assert "Night bus" in page(client_of("supervisor2"), case)


def test_transfers_under_way_are_told_before_closing(cast, supervisor, case):
    cast.hand_over(cast.take_in(cast.add_authority(case)))
    assert "1 transfer of the case is still under way." in page(supervisor, case)
