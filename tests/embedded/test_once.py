"""`manage.py up --once`: from nothing to a report that the offline verifier accepts, and nothing left behind."""

import os
import subprocess
import sys
from pathlib import Path

from custody.embedded.plan import PROJECT


def test_one_demonstration_leaves_its_verified_report_and_nothing_else(servers_folder: Path) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    data = servers_folder / "data"
    done = subprocess.run(
        [sys.executable, str(PROJECT / "manage.py"), "up", "--once"],
        # The address is another system's: a demonstration of its own must choose a free one.
        env=kept | {"UNBROKEN_DATA": str(data), "UNBROKEN_ADDRESS": "192.0.2.1:80"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The demonstration passed" in done.stdout
    assert [path.name for path in data.iterdir()] == ["reports"]
    [report] = data.glob("reports/demo-1/*.pdf")
    assert f"Report: {report}" in done.stdout

    verifier = [sys.executable, "-m", "custody.proof"]
    policy = ["--policy", str(report.parent / "policy.txt")]
    assert subprocess.run([*verifier, str(report), *policy], cwd=PROJECT, check=False).returncode == 0
    damaged = report.with_name("damaged.pdf")
    content = bytearray(report.read_bytes())
    content[len(content) // 2] ^= 1
    damaged.write_bytes(content)
    assert subprocess.run([*verifier, str(damaged), *policy], cwd=PROJECT, check=False).returncode == 2
