"""Runs the demonstration case against a running system, keeps what it said, and checks its reports offline.

The case itself is `manage.py demo_case`; here is only what surrounds it.
"""

import json
import shutil
from pathlib import Path

from custody.embedded import programs
from custody.embedded.startup import System

# `python -m custody.proof`: 0 verified, 1 verified with remarks, 2 not verified.
VERIFIED = {0, 1}
POLICY = "policy.txt"
RECEIPT = ".tlog-proof"  # behind the name of the report


def memory(system: System) -> Path:
    """Return the file that keeps what the demonstration said: accounts, passphrases, places of reports."""
    return system.data.root / "demonstration.txt"


def remembered(system: System) -> list[str]:
    """Return the conclusion of a demonstration that succeeded earlier: what follows its last gap."""
    kept = memory(system)
    if not kept.exists():
        return []
    return kept.read_text(encoding="utf-8").rstrip().rpartition("\n\n")[2].splitlines()


def accounts(system: System) -> list[str]:
    """Return the table of the made-up people: who logs on with what, and what unlocks whose signing key."""
    path = system.data.root / "demo-accounts.json"
    if not path.exists():
        return []
    found = json.loads(path.read_text(encoding="utf-8"))
    rows = [("Log on as", "Role", "Password", "Passphrase of the key")]
    rows += [(name, one["label"], one["password"], one["passphrase"]) for name, one in found.items()]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def run(system: System, *, files: Path | None) -> bool:
    """Run the case and remember its words if it succeeded; tell whether it did."""
    lines: list[str] = []

    def hear(line: str) -> None:
        lines.append(line)
        system.say(line)

    arguments = ["--address", system.plan.page]
    if files is not None:
        arguments += ["--files", str(files.absolute())]
    command = programs.manage("demo_case", *arguments)
    # Its own lines are for a person; those of the libraries below it are not.
    environment = system.environment() | {"UNBROKEN_LOG_LEVEL": "WARNING"}
    if system.supervisor.run_aloud(command, environment=environment, hear=hear) != 0:
        return False
    kept = memory(system)
    kept.touch(mode=0o600)
    kept.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return True


def keep_reports(system: System, shelf: Path) -> list[Path]:
    """Copy the reports, and the policy to check them by, out of a folder that will be removed."""
    shelf.mkdir(parents=True, exist_ok=True)
    found = sorted(path for path in system.data.reports.glob("**/*") if path.is_file())
    shutil.copy2(system.data.root / POLICY, shelf / POLICY)
    return [Path(shutil.copy2(path, shelf / path.name)) for path in found]


def verify(system: System, reports: list[Path]) -> bool:
    """Check each report with the offline verifier, in a process that knows nothing of the system."""
    verdicts = []
    for report in reports:
        if report.suffix == ".pdf":
            command = [
                *programs.module("custody.proof"),
                str(report),
                "--policy",
                str(report.parent / POLICY),
                "--receipt",
                f"{report}{RECEIPT}",
            ]
            code = system.supervisor.run_aloud(command, environment={"PYTHONUTF8": "1"}, hear=system.say)
            verdicts.append(code in VERIFIED)
    return bool(verdicts) and all(verdicts)
