"""The outside time stamp on a report's seal: counted, not counted, broken, and no way around the seal."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from custody.proof import cms, cms_stamp, der, seal
from custody.proof.findings import FindingCode, Level
from custody.proof.policy import Policy
from custody.proof.timestamp_query import trimmed
from custody.proof.verdict import Outcome, Verdict
from custody.proof.verify import Question, verify_report
from tests.proof import sealed
from tests.proof.stamps import Stamper, on_seal, seq, stamper
from tests.proof.world import story

STORY = story()
NOW = STORY.world.now
AUTHORITY = sealed.root()
STAMPER = stamper("Time authority")
BY_RSA = stamper("By RSA", sealed.rsa2048())
PLAIN = sealed.seal(sealed.report(STORY.world.bundle(STORY.item)), AUTHORITY.issue("Seal"), room=16 * 1024)
POLICY = replace(STORY.world.policy, seals=(AUTHORITY.pin,), stampers=(STAMPER.pin, BY_RSA.pin))


def stamped(by: Stamper = STAMPER, time: datetime = NOW) -> bytes:
    return on_seal(PLAIN, lambda signature: by.token(signature, time))


def judge(report: bytes, policy: Policy | None = POLICY, at: datetime = NOW) -> Verdict:
    return verify_report(report, Question(policy=policy, at=at))


def codes(verdict: Verdict, level: Level = Level.FAILURE) -> set[FindingCode]:
    return {finding.code for finding in verdict.findings if finding.level is level}


@pytest.mark.parametrize("by", [STAMPER, BY_RSA, BY_RSA.but(scheme="pss")], ids=["EC", "RSA", "PSS"])
def test_a_stamp_on_the_seal_says_by_when_it_was_there(by: Stamper) -> None:
    verdict = judge(stamped(by))
    assert verdict.outcome is Outcome.VERIFIED, codes(verdict)
    said = " ".join(finding.sentence for finding in verdict.findings if finding.step == 0)
    assert f"the seal was there on {NOW:%Y-%m-%d %H:%M:%S} UTC" in said


def test_without_a_stamp_the_seal_is_as_good_as_before() -> None:
    assert judge(PLAIN).outcome is Outcome.VERIFIED


def test_an_authority_that_is_not_pinned_is_remarked_on() -> None:
    for policy in (replace(POLICY, stampers=()), None):
        assert FindingCode.SEAL_STAMP_NOT_COUNTED in codes(judge(stamped(), policy), Level.REMARK)


def test_a_stamp_whose_certificate_has_expired_is_remarked_on() -> None:
    verdict = judge(stamped(), at=datetime(2056, 3, 2, tzinfo=UTC))
    assert codes(verdict, Level.REMARK) == {FindingCode.SEAL_STAMP_NOT_COUNTED}


@pytest.mark.parametrize(
    "make",
    [
        lambda signature: STAMPER.token(b"another seal", NOW),
        lambda signature: Stamper(sealed.p256(), STAMPER.certificate).token(signature, NOW),
        lambda signature: STAMPER.token(signature, datetime(2050, 1, 1, tzinfo=UTC)),
        lambda signature: stamper(usages=[]).token(signature, NOW),
        lambda signature: STAMPER.but(travels=False).token(signature, NOW),
        lambda signature: STAMPER.but(others=[AUTHORITY.certificate]).token(signature, NOW),
        lambda signature: BY_RSA.but(scheme="rsa").token(signature, NOW),
        lambda signature: seq(),
    ],
    ids=["other seal", "forged", "expired", "purpose", "no certificate", "spare", "bare RSA", "rubbish"],
)
def test_a_broken_stamp_breaks_the_seal(make: Callable[[bytes], bytes]) -> None:
    assert codes(judge(on_seal(PLAIN, make))) == {FindingCode.SEAL_STAMP}


def test_a_trimmed_token_of_an_authority_with_a_chain_and_bare_rsa_holds() -> None:
    by = BY_RSA.but(scheme="rsa", others=[AUTHORITY.certificate])
    report = on_seal(PLAIN, lambda signature: trimmed(by.token(signature, NOW), [by.pin]))
    assert judge(report).outcome is Outcome.VERIFIED


def test_other_unsigned_attributes_and_two_stamps_are_refused() -> None:
    start, end = seal.gap(PLAIN)
    message = seal.message_in(PLAIN[start:end])
    token = STAMPER.token(cms.parse(message).signer.signature, NOW)
    once = cms_stamp.stamped(message, token)
    name = bytes.fromhex("2a864886f70d010910020e")
    other = once.replace(name, name[:-1] + b"\x0f")
    two = once.replace(
        der.write(der.SET, token), der.write(der.SET, token[:-1] + b"\0")
    )  # a changed byte in the token
    for changed in (other, two):
        report = PLAIN[: start + 1] + changed.hex().encode().ljust(end - start - 2, b"0") + PLAIN[end - 1 :]
        assert codes(judge(report)) <= {FindingCode.SEAL_MALFORMED, FindingCode.SEAL_STAMP}
        assert codes(judge(report))


@pytest.mark.filterwarnings("ignore")
def test_no_byte_of_seal_and_stamp_can_be_changed() -> None:
    """Every byte of the message, with and without a pin of the time authority."""
    report = stamped()
    start, end = seal.gap(report)
    message = seal.message_in(report[start:end])
    for place in range(len(message)):
        mask = 0x01 if place % 2 else 0x40 | place & 0xBF
        changed = message[:place] + bytes([message[place] ^ mask]) + message[place + 1 :]
        digits = changed.hex().encode().ljust(end - start - 2, b"0")
        with pytest.raises(seal.FoundError):
            seal.check(report[: start + 1] + digits + report[end - 1 :], (AUTHORITY.pin,))


def test_nothing_may_be_added_behind_a_stamped_seal() -> None:
    assert codes(judge(stamped() + b"% archive time stamp\n")) == {FindingCode.SEAL_RANGE}
