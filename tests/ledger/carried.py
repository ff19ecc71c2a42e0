"""Witnesses of the tests, and a stick between them and the log."""

from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command

from custody.ledger import genesis
from custody.proof.mirror.archive import Archive
from custody.proof.mirror.source import FolderSource
from custody.proof.mirror.witness import Witness
from custody.proof.note_keys import Cosigner
from custody.proof.policy import parse_policy
from custody.proof.signatures import Algorithm, SigningKey

COURT = Cosigner("court.test/witness", SigningKey.generate(Algorithm.ED25519))
BAR = Cosigner("bar.test/witness", SigningKey.generate(Algorithm.ML_DSA_44))


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
