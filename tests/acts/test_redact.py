"""Redacted copies: planned by one, made and checked by a machine, released by another."""

import io

import pytest
from PIL import Image

from custody.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from custody.jobs import JobKind
from evidence import store
from evidence.derivatives import Derivative

TEXT = "Call Mirela Dobrin on +40 700 555 012.\nMIRELA\u00a0DOBRIN will be at the bus.\n".encode()


@pytest.fixture
def case(cast):
    case = cast.open_case()
    cast.register_victim(case, ("name", "Mirela Dobrin"), ("phone", "+40 700 555 012"))
    return case


def _planned(cast, case, data=TEXT, **changed):
    item = cast.take_in(cast.add_authority(case), data, **changed)
    derivative = cast.act("examiner", "redaction.plan", item=str(item.pk))["derivative"]
    cast.work(JobKind.REDACTION)
    return Derivative.objects.get(pk=derivative)


def _picture() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_a_copy_without_the_names_is_made_and_released_by_a_second_person(cast, case):
    copy = _planned(cast, case)
    assert copy.state == "made", copy.problem
    text = b"".join(store.read(copy.stored)).decode()
    assert "irela" not in text.lower()
    assert "555" not in text
    assert case.victims.get().pseudonym in text
    cast.act("examiner2", "redaction.release", derivative=str(copy.pk), decision="release")
    copy.refresh_from_db()
    assert (copy.state, copy.decider) == ("released", cast.examiner2)


def test_the_planner_does_not_release_their_own_copy(cast, case):
    copy = _planned(cast, case)
    with pytest.raises(NotAllowedError, match="cannot release"):
        cast.act("examiner", "redaction.release", derivative=str(copy.pk), decision="release")


def test_pixels_that_nobody_examined_need_a_decision_with_a_reason(cast, case):
    copy = _planned(cast, case, _picture(), filename="door.jpg", category="images")
    assert copy.state == "made", copy.problem
    assert copy.pixels_not_examined
    with pytest.raises(InvalidError, match="pixels"):
        cast.act("examiner2", "redaction.release", derivative=str(copy.pk), decision="release")
    cast.act(
        "examiner2",
        "redaction.release",
        derivative=str(copy.pk),
        decision="release",
        pixels_reason="A plain colour; nobody is in the picture.",
    )
    copy.refresh_from_db()
    assert copy.state == "released"


def test_an_identifier_registered_after_the_copy_makes_it_stale(cast, case):
    copy = _planned(cast, case)
    cast.register_victim(case, ("name", "Oksana Lys"))
    with pytest.raises(ConflictError, match="make a new copy"):
        cast.act("examiner2", "redaction.release", derivative=str(copy.pk), decision="release")


def test_withholding_needs_a_reason(cast, case):
    copy = _planned(cast, case)
    with pytest.raises(InvalidError, match="reason"):
        cast.act("examiner2", "redaction.release", derivative=str(copy.pk), decision="withhold")
    cast.act(
        "supervisor", "redaction.release", derivative=str(copy.pk), decision="withhold", reason="Not needed"
    )
    copy.refresh_from_db()
    assert copy.state == "withheld"


def test_a_kind_of_file_that_cannot_be_redacted_is_refused_in_words(cast, case):
    copy = _planned(cast, case, b"\x7fELF" + bytes(400), filename="tool.bin", category="device_image")
    assert copy.state == "refused"
    assert copy.problem
    with pytest.raises(ConflictError, match="nothing to decide"):
        cast.act("examiner2", "redaction.release", derivative=str(copy.pk), decision="release")


def test_contraband_gets_no_derivative(cast, case):
    with pytest.raises(NotAllowedError, match="never gets a derivative"):
        _planned(cast, case, item_class="contraband")


def test_prosecutors_see_a_copy_only_after_its_release(cast, case):
    from custody.acts import report

    copy = _planned(cast, case)
    with pytest.raises(NotFoundError):
        report.download_derivative(cast.prosecutor, copy.pk, cast.now(), source="")
    cast.act("examiner2", "redaction.release", derivative=str(copy.pk), decision="release")
    assert report.download_derivative(cast.prosecutor, copy.pk, cast.now(), source="")


def test_a_worker_that_runs_twice_makes_one_copy_and_one_record(cast, case):
    from custody.jobs import Job
    from custody.ledger import history
    from workers import redaction

    copy = _planned(cast, case)
    redaction.run(Job.objects.get(kind=JobKind.REDACTION))
    made = [t for t in history.of_key("item", str(copy.item_id)) if t.record.type == "derivative.make"]
    assert len(made) == 1
