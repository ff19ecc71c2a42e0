"""Statements made to end the verifier before its verdict: whoever cannot forge a report may try to break its reader."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from custody.proof import bundle, members, records
from custody.proof.errors import MalformedError
from custody.proof.findings import FindingCode, Level
from custody.proof.prefix_map import ACC_0, Leaf, MapProof, mapkey
from custody.proof.verdict import Verdict
from custody.proof.verify import verify_bundle
from tests.proof.world import ORIGIN, Story, T, sealed, story


@pytest.fixture
def told() -> Story:
    return story()


def failures(verdict: Verdict) -> set[FindingCode]:
    return {finding.code for finding in verdict.findings if finding.level is Level.FAILURE}


def test_a_record_stated_in_the_year_one(told: Story) -> None:
    """An hour before it there is no time: the comparison must not subtract."""
    world = told.world
    world.record(T.CASE_ASSIGN, world.sara, time=datetime(1, 1, 1, tzinfo=UTC))
    world.record(T.CASE_ASSIGN, world.sara, time=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
    world.publish()
    verdict = verify_bundle(world.bundle(), policy=world.policy)
    assert failures(verdict) == set()
    assert FindingCode.TIME_BACKWARDS in {finding.code for finding in verdict.findings}


def test_a_map_that_states_more_entries_than_memory_could_hold(told: Story) -> None:
    world = told.world
    first = world.parts(told.item)
    part = first.maps[0]
    lie = Leaf(mapkey(part.ns, part.id), 2**53 - 1, ACC_0)
    size = len(world.entries)
    payload = records.build_map_head(log=ORIGIN, size=size, root=lie.hash())
    world.append(sealed(payload, (world.log_key,), records.MAP_HEAD_PAYLOAD_TYPE))
    world.sign_head()
    parts = replace(world.parts(told.item), maps=(replace(part, proof=MapProof((), lie)),))
    codes = failures(verify_bundle(bundle.build(parts), policy=world.policy))
    assert FindingCode.ENTRIES_MISSING in codes


@pytest.mark.parametrize(
    "written",
    ["2026-03-01T24:00:00Z", "2026-02-29T00:00:00Z", "0000-01-01T00:00:00Z", "2026-03-01T23:59:60Z"],
)
def test_an_hour_that_does_not_exist_is_refused_by_every_version_of_python(written: str) -> None:
    with pytest.raises(MalformedError):
        members.time(written, "time of a record")
