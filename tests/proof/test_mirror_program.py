"""The mirror as its operator runs it: keys, one round from a stick, exit codes."""

import subprocess
import sys
from pathlib import Path

import pytest

from custody.proof.mirror.__main__ import main
from custody.proof.policy import format_policy, parse_policy, verify_checkpoint
from tests.proof.published import export
from tests.proof.world import Story, story


@pytest.fixture
def told() -> Story:
    return story()


@pytest.fixture
def published(told: Story, tmp_path: Path) -> Path:
    return export(told.world, tmp_path / "log")


def test_the_program_makes_keys_and_cosigns_from_a_stick(
    told: Story, published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = tmp_path / "policy.txt"
    policy.write_text(format_policy(told.world.policy), encoding="utf-8")
    keys = [tmp_path / "key", tmp_path / "key-pq"]
    assert main(["key", "court.test/witness", str(keys[0])]) == 0
    assert main(["key", "court.test/witness", str(keys[1]), "--ml-dsa-44"]) == 0
    assert [path.stat().st_mode & 0o777 for path in keys] == [0o600, 0o600]
    vkeys = capsys.readouterr().out.split()
    common = ["--policy", str(policy), "--state", str(tmp_path / "state"), "--log", str(published)]
    common += ["--name", "court.test/witness", "--key", str(keys[0]), "--key", str(keys[1])]
    out = tmp_path / "cosignatures.txt"
    assert main(["once", *common, "--out", str(out)]) == 0
    note = told.world.note + out.read_text(encoding="utf-8")
    text = f"{format_policy(told.world.policy).replace('quorum none', '')}"
    text += f"witness a {vkeys[0]}\nwitness b {vkeys[1]}\ngroup both all a b\nquorum both\n"
    assert verify_checkpoint(note, parse_policy(text)) == told.world.checkpoint
    assert main(["key", "court.test/witness", str(keys[0])]) == 1, "no key is ever replaced"


def test_the_program_tells_a_refusal_from_a_log_that_is_not_there(
    told: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = tmp_path / "policy.txt"
    policy.write_text(format_policy(told.world.policy), encoding="utf-8")
    common = ["once", "--policy", str(policy), "--state", str(tmp_path / "state"), "--log"]
    assert main([*common, str(tmp_path / "nowhere")]) == 1
    published = export(told.world, tmp_path / "log", withheld={told.accept})
    assert main([*common, str(published)]) == 2
    assert "no order" in capsys.readouterr().err


def test_a_key_that_others_can_read_is_not_used(told: Story, published: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.txt"
    policy.write_text(format_policy(told.world.policy), encoding="utf-8")
    main(["key", "court.test/witness", str(tmp_path / "key")])
    (tmp_path / "key").chmod(0o644)
    common = ["once", "--policy", str(policy), "--state", str(tmp_path / "state"), "--log", str(published)]
    assert main([*common, "--name", "court.test/witness", "--key", str(tmp_path / "key")]) == 1


def test_it_runs_as_a_module_without_any_framework(told: Story, published: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.txt"
    policy.write_text(format_policy(told.world.policy), encoding="utf-8")
    words = ["once", "--policy", str(policy), "--state", str(tmp_path / "state"), "--log", str(published)]
    code = (
        "import sys\nfrom custody.proof.mirror.__main__ import main\n"
        "status = main(sys.argv[1:])\n"
        "frameworks = {'django', 'celery', 'psycopg', 'httpx'} & set(sys.modules)\n"
        "sys.exit(status or bool(frameworks))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *words], check=False, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()
