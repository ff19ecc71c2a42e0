"""Heads and witnesses: what is given out before and after they cosign, over the network and on a stick."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from custody import checks_database
from custody.acts import make_report
from custody.acts import report as acts
from custody.acts.audit.tables import audit_ledger
from custody.admin import verification
from custody.api.auth import issue_token
from custody.checks import witnesses
from custody.errors import NotReadyError
from custody.jobs import JobKind
from custody.ledger import cosigning, genesis, keys, log_policy, prove, publish
from custody.ledger.models import Checkpoint, Cosignature, Head
from custody.ledger.replay_findings import Code
from custody.proof.checkpoint import parse_note
from custody.proof.errors import SignatureError
from custody.proof.mirror.archive import Archive
from custody.proof.mirror.server import make_server
from custody.proof.mirror.source import FolderSource, HttpSource
from custody.proof.mirror.witness import Witness
from custody.proof.note_keys import COSIGNATURE_KINDS, Cosigner
from custody.proof.policy import parse_policy, verify_checkpoint
from custody.proof.prefix_map import Namespace
from custody.proof.signatures import Algorithm, SigningKey
from custody.proof.tiles import tiles_between
from custody.proof.verify import Question, verify_report
from custody.reports import agency_seal
from custody.reports.models import Report
from evidence import store

COURT = Cosigner("court.test/witness", SigningKey.generate(Algorithm.ED25519))
BAR = Cosigner("bar.test/witness", SigningKey.generate(Algorithm.ML_DSA_44))


@pytest.fixture
def item(cast: Any) -> Any:
    return cast.take_in(cast.add_authority(cast.open_case()))


@pytest.fixture
def named(settings: Any) -> None:
    """The agency has named the court as its witness; no address, so cosignatures come on a stick."""
    settings.WITNESSES = f"witness court {COURT.vkey}\nquorum court\n"


def mirror(folder: Path, source: Any, *cosigners: Cosigner) -> Witness:
    policy = parse_policy(genesis.policy_text())
    return Witness(Archive(folder), policy, cosigners, source)


def cosign(tmp_path: Path, *cosigners: Cosigner) -> str:
    """Carry the log to the witnesses and back; return what the command says."""
    out = tmp_path / "stick"
    try:
        call_command("cosign", "--out", str(out), stdout=StringIO())
    except SystemExit as left:
        assert left.code == 1
    files = []
    for number, cosigner in enumerate(cosigners):
        source = FolderSource(out / "log")
        one = mirror(tmp_path / f"state-{number}", source, cosigner)
        made = one.follow((out / "log" / "checkpoint").read_text(encoding="utf-8"))
        files.append(tmp_path / f"back-{number}.txt")
        files[-1].write_text("".join(line.line() for line in made), encoding="utf-8")
    said = StringIO()
    call_command("cosign", "--in", *map(str, files), stdout=said)
    return said.getvalue()


# -- without witnesses, and the log's own second key --------------------------------------------------------


def test_without_witnesses_heads_are_given_out_at_once_and_bear_both_keys(cast: Any, item: Any) -> None:
    publish.publish(cast.now())
    text = prove.receipt(publish.newest().size - 1)
    assert text is not None
    note = text.partition("\n\n")[2]
    policy = parse_policy(genesis.policy_text())
    assert verify_checkpoint(note, policy).size == publish.newest().size
    assert policy.quorum == log_policy.OWN
    assert [one.key.kind in COSIGNATURE_KINDS for one in policy.witnesses] == [True]
    assert len(parse_note(note).signatures) == 2
    assert cosigning.waits_for() == []


def test_a_log_without_the_post_quantum_key_goes_on(
    cast: Any, item: Any, settings: Any, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "keys"
    elsewhere.mkdir(mode=0o700)
    for file in (keys.LOG_KEY, keys.SERVICE_KEY):
        (elsewhere / file).write_bytes((Path(settings.KEYS_DIR) / file).read_bytes())
        (elsewhere / file).chmod(0o600)
    settings.KEYS_DIR = str(elsewhere)
    keys.forget()
    try:
        assert publish.publish(cast.now()) is not None
        policy = parse_policy(genesis.policy_text())
        assert (policy.quorum, policy.witnesses) == ("none", ())
        assert verify_checkpoint(publish.newest().note, policy)
    finally:
        settings.KEYS_DIR = str(Path(settings.KEYS_DIR))
        keys.forget()


def test_under_fips_a_new_log_signs_with_p256(settings: Any, tmp_path: Path) -> None:
    settings.KEYS_DIR, settings.FIPS = str(tmp_path / "keys"), True
    keys.forget()
    try:
        keys.make_log_key()
        assert keys.note_signer().public.kind == 0x02
        assert keys.log_key().alg is Algorithm.ES256
    finally:
        keys.forget()


# -- waiting ------------------------------------------------------------------------------------------------


def test_nothing_is_given_out_before_the_quorum_has_cosigned(cast: Any, item: Any, named: None) -> None:
    cosigning.publish_when_due(cast.now())
    assert prove.receipt(1) is None
    assert cosigning.waits_for() == ["court"]
    with pytest.raises(NotReadyError, match="waits for its witnesses"):
        prove.prove(Namespace.ITEM, str(item.pk), cast.now())


def test_a_witness_that_does_not_answer_stops_no_intake(cast: Any, settings: Any, tmp_path: Path) -> None:
    with socket.socket() as taken:  # an address where nobody listens
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        settings.WITNESSES = f"witness court {COURT.vkey} {url}\nquorum court\n"
        item = cast.take_in(cast.add_authority(cast.open_case()))
        size = Head.objects.get().size
        cosigning.publish_when_due(cast.now())
        cosigning.publish_when_due(cast.now())
    assert item.state
    assert cosigning.waits_for() == ["court"]
    assert Checkpoint.objects.filter(size__gt=size).count() <= 1, (
        "no further head before this one is witnessed"
    )


def test_the_receipt_says_for_whom_it_waits(cast: Any, item: Any, named: None) -> None:
    token, _ = issue_token(cast.examiner, timezone.now())
    entry = item.last_entry
    answer = Client().get(f"/api/v1/receipts/{entry}/", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 409
    assert "waits for its witnesses: court" in answer.json()["detail"]


def test_a_report_waits_and_is_then_made(cast: Any, item: Any, named: None, tmp_path: Path) -> None:
    if not agency_seal.exists():
        agency_seal.make_test(timezone.now())
    report = acts.request(cast.prosecutor, {"item": str(item.pk)}, cast.now())
    cast.work(JobKind.REPORT)
    assert Report.objects.get(pk=report.pk).state == "waiting"
    cosign(tmp_path, COURT)
    make_report.make(report.pk, cast.now())
    made = Report.objects.get(pk=report.pk)
    assert made.state == "ready", made.problem
    verdict = verify_report(
        b"".join(store.read(made.stored)),
        Question(policy=parse_policy(genesis.policy_text(agency_seal.pins()))),
    )
    assert verdict.outcome == "verified", [f for f in verdict.findings if f.level != "ok"]
    assert any("court.test/witness) has cosigned" in finding.sentence for finding in verdict.findings)


# -- on a stick ---------------------------------------------------------------------------------------------


def test_cosignatures_come_back_on_a_stick(cast: Any, item: Any, settings: Any, tmp_path: Path) -> None:
    lines = (
        f"witness court {COURT.vkey}\nwitness bar {BAR.vkey}\ngroup outside all court bar\nquorum outside\n"
    )
    settings.WITNESSES = lines
    said = cosign(tmp_path, COURT, BAR)
    assert "is witnessed as the policy asks" in said
    entry = item.last_entry
    text = prove.receipt(entry)
    assert text is not None
    policy = parse_policy(genesis.policy_text())
    assert policy.quorum == log_policy.TOGETHER
    assert verify_checkpoint(text.partition("\n\n")[2], policy).size > entry
    assert Cosignature.objects.count() == 2


def test_between_two_sticks_the_log_signs_nothing_new(
    cast: Any, item: Any, named: None, tmp_path: Path
) -> None:
    cosign(tmp_path, COURT)
    newest = publish.newest().size
    cast.open_case(number="2026-0500")
    cosigning.publish_when_due(cast.now())
    assert publish.newest().size == newest
    assert prove.receipt(item.last_entry) is not None
    cosign(tmp_path, COURT)
    assert publish.newest().size > newest


@pytest.mark.parametrize("content", ["", "nothing\n", "— court.test/witness AAAA\n"])
def test_a_file_without_cosignatures_is_refused(
    cast: Any, item: Any, named: None, tmp_path: Path, content: str
) -> None:
    publish.publish(cast.now())
    (tmp_path / "back.txt").write_text(content, encoding="utf-8")
    with pytest.raises(CommandError, match="no cosignature"):
        call_command("cosign", "--in", str(tmp_path / "back.txt"), stdout=StringIO())
    assert not Cosignature.objects.exists()


def test_cosignatures_of_strangers_and_of_other_heads_are_not_kept(cast: Any, item: Any, named: None) -> None:
    newest = publish.publish(cast.now())
    stranger = Cosigner("court.test/witness", SigningKey.generate(Algorithm.ED25519))
    text = parse_note(newest.note).text
    assert cosigning.accept(newest, stranger.signature(text, 1_800_000_000).line(), cast.now()) == []
    other = text.replace(f"\n{newest.size}\n", f"\n{newest.size + 1}\n")
    with pytest.raises(SignatureError):
        cosigning.accept(newest, COURT.signature(other, 1_800_000_000).line(), cast.now())
    assert cosigning.accept(newest, COURT.signature(text, 0).line(), cast.now()) == []
    own = keys.post_quantum_signer().signature(text, 1_800_000_000).line()
    assert cosigning.accept(newest, own, cast.now()) == []
    good = COURT.signature(text, 1_800_000_000).line()
    assert cosigning.accept(newest, good, cast.now()) == ["court.test/witness"]
    assert cosigning.accept(newest, good, cast.now()) == ["court.test/witness"], "twice changes nothing"
    assert Cosignature.objects.count() == 1


@pytest.mark.parametrize(
    "lines",
    [
        "quorum\n",
        "log x\nquorum none\n",
        "quorum nobody\n",
        "#pin seal " + "a" * 64 + "\nquorum none\n",
    ],
)
def test_a_file_that_names_no_witnesses_is_refused_at_the_start(
    cast: Any, settings: Any, tmp_path: Path, lines: str
) -> None:
    settings.WITNESSES = lines
    assert [problem.id for problem in witnesses()] == ["custody.E030"]
    with pytest.raises(log_policy.WitnessesError):
        log_policy.stated()


def test_the_log_cannot_be_named_as_its_own_witness(cast: Any, settings: Any, tmp_path: Path) -> None:
    own = Cosigner("court.test/witness", keys.log_key())
    settings.WITNESSES = f"witness court {own.vkey}\nquorum court\n"
    with pytest.raises(log_policy.WitnessesError, match="twice"):
        log_policy.stated()
    settings.WITNESSES = f"witness court {Cosigner(keys.log_origin(), COURT._key).vkey}\nquorum court\n"
    with pytest.raises(log_policy.WitnessesError, match="own witness"):
        log_policy.named_witnesses()


# -- over the network ---------------------------------------------------------------------------------------


@pytest.fixture
def served(
    transactional_db: None, live_server: Any, settings: Any, tmp_path: Path
) -> Iterator[tuple[Witness, Any]]:
    """A witness of another house: it reads our log at /log/ with its token and answers over HTTP."""
    from tests.cast import assemble_cast

    cast = assemble_cast()
    settings.MIRROR_TOKENS = ["a-token-of-the-court"]
    source = HttpSource(f"{live_server.url}/log", "a-token-of-the-court")
    one = mirror(tmp_path / "state", source, COURT, BAR)
    with make_server(one, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        lines = (
            f"witness court {COURT.vkey} {url}\nwitness pq {BAR.vkey} {url}\ngroup g all court pq\nquorum g\n"
        )
        settings.WITNESSES = lines
        yield one, cast
        server.shutdown()


def test_a_mirror_over_http_recomputes_and_cosigns_and_receipts_follow(served: tuple[Witness, Any]) -> None:
    one, cast = served
    item = cast.take_in(cast.add_authority(cast.open_case()))
    # BAR's name is another than COURT's, but both keys are of this one mirror.
    cosigning.publish_when_due(cast.now())
    assert cosigning.waits_for() == []
    assert one.size == publish.newest().size
    text = prove.receipt(item.last_entry)
    assert text is not None
    verify_checkpoint(text.partition("\n\n")[2], parse_policy(genesis.policy_text()))
    cast.open_case(number="2026-0500")
    cosigning.publish_when_due(cast.now())
    assert one.size == publish.newest().size, "and again, from where it stood"
    proven = prove.prove(Namespace.ITEM, str(item.pk), cast.now())
    assert proven.checkpoint.size == one.size


def test_a_witness_that_lost_count_is_asked_again_from_its_own_size(served: tuple[Witness, Any]) -> None:
    one, cast = served
    cosigning.publish_when_due(cast.now())
    size = one.size
    assert size == publish.newest().size
    cast.open_case(number="2026-1")
    published = publish.publish(cast.now())
    one.follow(cosigning.note_of(published))  # it came by itself; our rows do not know
    cast.open_case(number="2026-2")
    publish.publish(cast.now())
    cosigning.collect(cast.now())
    assert cosigning.waits_for() == []


# -- the log as files ---------------------------------------------------------------------------------------


def test_the_exported_log_is_the_log_and_is_brought_up_to_date(cast: Any, item: Any, tmp_path: Path) -> None:
    for _ in range(2):
        publish.publish(cast.now())
        call_command("export_tiles", str(tmp_path / "log"), stdout=StringIO())
        size = publish.newest().size
        files = {
            p.relative_to(tmp_path / "log").as_posix() for p in (tmp_path / "log").rglob("*") if p.is_file()
        }
        assert files == {"checkpoint", *(tile.path for tile in tiles_between(0, size))}
        one = mirror(tmp_path / "state", FolderSource(tmp_path / "log"), COURT)
        one.follow((tmp_path / "log" / "checkpoint").read_text(encoding="utf-8"))
        assert one.size == size
        cast.open_case(number=f"2026-{size}")


def test_exported_files_hold_no_words(cast: Any, item: Any, tmp_path: Path) -> None:
    publish.publish(cast.now())
    call_command("export_tiles", str(tmp_path / "log"), stdout=StringIO())
    everything = b"".join(path.read_bytes() for path in (tmp_path / "log").rglob("*") if path.is_file())
    for words in (
        "Notebook page",
        "Night bus",
        "Tomás Rey",
        "Harbour Street",
        item.exhibit_number,
        "note.txt",
    ):
        assert words.encode() not in everything


def read(path: str, token: str | None = "t1") -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    return Client().get(f"/log/{path}", headers=headers)


def test_the_log_is_read_with_a_token_only(cast: Any, item: Any, settings: Any) -> None:
    newest = publish.publish(cast.now())
    partial = f"tile/entries/000.p/{newest.size}"
    for token in ("t1", None, ""):
        assert read("checkpoint", token).status_code == 404, "without configured tokens nobody reads it"
    settings.MIRROR_TOKENS = ["t0", "t1"]
    assert read("checkpoint").content.decode() == newest.note
    assert read("checkpoint")["Cache-Control"] == "no-store"
    assert read(partial)["Content-Type"] == "application/octet-stream"
    assert read(partial).status_code == 200
    for token in (None, "", "t2", "t1t1"):
        assert read("checkpoint", token).status_code == 404
        assert read(partial, token).status_code == 404
    assert Client().post("/log/checkpoint", headers={"Authorization": "Bearer t1"}).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "tile/entries/000.p/0",
        "tile/entries/001",
        "tile/0/../checkpoint",
        "tile/9/000",
        "tile/x",
        "tile/",
        "other",
    ],
)
def test_what_the_log_has_not_is_not_found(cast: Any, item: Any, settings: Any, path: str) -> None:
    publish.publish(cast.now())
    settings.MIRROR_TOKENS = ["t1"]
    assert read(path).status_code == 404


def test_entries_that_no_head_covers_are_not_shown(cast: Any, item: Any, settings: Any) -> None:
    settings.MIRROR_TOKENS = ["t1"]
    newest = publish.publish(cast.now())
    cast.open_case(number="2026-0999")
    assert read(f"tile/entries/000.p/{newest.size}").status_code == 200
    assert read(f"tile/entries/000.p/{newest.size + 1}").status_code == 404


def test_the_time_of_a_cosignature_is_told(cast: Any, item: Any, named: None, tmp_path: Path) -> None:
    cosign(tmp_path, COURT)
    told = cosigning.times(publish.newest(), log_policy.stated())
    assert abs(told["court"] - datetime.now().timestamp()) < 60
    assert log_policy.OWN in told


# -- looking after it ----------------------------------------------------------------------------------------


def test_the_auditors_page_says_for_whom_the_head_waits(
    cast: Any, item: Any, settings: Any, tmp_path: Path
) -> None:
    publish.publish(cast.now())

    def told() -> verification.Look:
        return verification._witnesses(publish.newest())

    assert told() == verification.Look(
        True, "No witness is named: nobody outside checks that everybody is shown the same log."
    )
    settings.WITNESSES = f"witness court {COURT.vkey}\nquorum court\n"
    assert not told().fine
    assert "Not cosigned by court." in told().sentence
    cosign(tmp_path, COURT)
    assert told() == verification.Look(True, "The newest head is witnessed as the policy asks.")
    settings.WITNESSES = "quorum nobody\n"
    assert not told().fine


def test_replay_finds_a_cosignature_that_was_changed(
    cast: Any, item: Any, named: None, tmp_path: Path
) -> None:
    cosign(tmp_path, COURT)
    policy = parse_policy(genesis.policy_text())
    assert not audit_ledger(policy).findings.failed()
    newest = publish.publish(cast.now()) if publish.unpublished() else publish.newest()
    forged = COURT.signature(parse_note(newest.note).text, 1_800_000_000)
    line = replace(forged, sig=forged.sig[:-1] + bytes([forged.sig[-1] ^ 1])).line()
    cast.open_case(number="2026-0600")
    newest = publish.publish(cast.now())
    Cosignature.objects.create(
        checkpoint=newest, name=forged.name, key_hash=forged.key_hash, line=line, received=cast.now()
    )
    codes = {finding.code for finding in audit_ledger(policy).findings}
    assert Code.CHECKPOINT_SIGNATURE in codes
    assert cosigning.waits_for() == ["court"], "and it counts for nothing"


def test_a_lost_post_quantum_key_is_noticed_before_anything_is_served(
    cast: Any, item: Any, settings: Any, tmp_path: Path
) -> None:
    assert "custody.E031" not in _check_ids()
    elsewhere = tmp_path / "keys"
    elsewhere.mkdir(mode=0o700)
    for file in (keys.LOG_KEY, keys.SERVICE_KEY):
        (elsewhere / file).write_bytes((Path(settings.KEYS_DIR) / file).read_bytes())
        (elsewhere / file).chmod(0o600)
    settings.KEYS_DIR = str(elsewhere)
    try:
        assert "custody.E031" in _check_ids()
    finally:
        keys.forget()


def _check_ids() -> set[str]:
    with connection.cursor() as cursor:
        return {str(message.id) for message in checks_database._log_key(cursor)}
