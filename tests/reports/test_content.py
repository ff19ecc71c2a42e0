"""What report content refuses."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from custody.reports import content as c
from tests.reports import sample


def test_times_are_printed_in_utc_whatever_zone_they_came_in() -> None:
    berlin = timezone(timedelta(hours=2))
    assert c.moment(datetime(2026, 7, 1, 14, 5, 9, tzinfo=berlin)) == "2026-07-01 12:05:09 UTC"
    assert c.moment(datetime(2026, 7, 1, tzinfo=UTC)) == "2026-07-01 00:00:00 UTC"


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(c.ContentError):
        c.moment(datetime(2026, 7, 1))


@pytest.mark.parametrize("value", ["ab" * 31, "ab" * 33, "AB" * 32, "", "zz" * 32])
def test_a_hash_that_is_not_whole_lower_case_hexadecimal_is_refused(value: str) -> None:
    with pytest.raises(c.ContentError):
        c.Digest("SHA-256", value)


def test_an_unknown_hash_algorithm_is_refused() -> None:
    with pytest.raises(c.ContentError):
        c.Digest("CRC-32", "00000000")


def test_a_withheld_hash_needs_no_digits() -> None:
    assert c.Digest("SHA-256", c.WITHHELD).value is c.WITHHELD


def test_md5_and_sha1_are_marked_legacy() -> None:
    assert c.Digest("MD5", "ab" * 16).legacy and c.Digest("SHA-1", "ab" * 20).legacy
    assert not c.Digest("SHA-256", "ab" * 32).legacy


def test_a_leaf_hash_must_be_whole() -> None:
    with pytest.raises(c.ContentError):
        c.Signature(sample.EXAMINER, sample.KEYS[0], 1, "abcd", "now")


def test_an_item_report_has_exactly_one_item() -> None:
    whole = sample.case_report(items=2)
    with pytest.raises(c.ContentError):
        c.ReportContent(**{**vars(whole), "scope": c.Scope.ITEM})


def test_typed_text_can_not_pass_for_withheld() -> None:
    assert c.WITHHELD != "withheld" and not isinstance(c.WITHHELD, str)
