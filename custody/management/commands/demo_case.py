"""`manage.py demo_case`: play the demonstration case over the public API and verify its report offline.

It needs a running system and the accounts of `open_log --demo`; it touches no table. Exit code 0 means that
the offline verifier, with the log's policy pinned, said "verified".
"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from custody.client.cast import Cast, read_accounts
from custody.client.demonstration import Played, Stage, play, with_files_of, with_made_files
from custody.client.errors import ClientError
from custody.proof.findings import Level
from custody.proof.prefix_map import Namespace
from custody.proof.verdict import Outcome
from custody.proof.verify_file import verify_file
from custody.proof.verify_log import Scope

ACCOUNTS = "demo-accounts.json"
ADMINISTRATOR_KEY = "administrator.key.json"
POLICY = "policy.txt"


class Command(BaseCommand):
    help = "Play the demonstration case: keys, case, files, redaction, transfer, report, verification."
    # The programs that serve were checked when they started.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--address", default=settings.PUBLIC_URL, help="address of the pages and the API")
        parser.add_argument("--files", type=Path, help="take in every file of this folder instead")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's own signature
        files: Path | None = options["files"]
        if files is not None and not files.is_dir():
            raise CommandError(f"{files} is not a folder.")
        try:
            self.run(options["address"], files)
        except ClientError as error:
            raise CommandError(str(error)) from error

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def run(self, address: str, files: Path | None) -> None:
        data = Path(settings.DATA_DIR)
        accounts = read_accounts(data / ACCOUNTS)
        with Cast(data / "demo", address, accounts) as cast:
            cast.arrive(
                administrator_key=Path(settings.KEYS_DIR) / ADMINISTRATOR_KEY,
                policy=data / POLICY,
                say=self.say,
            )
            stage = (
                with_made_files(cast, data / "demo" / "artifacts", self.say)
                if files is None
                else with_files_of(cast, files, self.say)
            )
            played = play(stage, data / "reports")
        self.verify(played, data / POLICY)
        self.conclude(stage, played.report, data)
        if played.late:
            raise CommandError(f"Redacted copies not made in time: {', '.join(played.late)}.")

    def verify(self, played: Played, policy: Path) -> None:
        """Verify the report as its reader would. Raises CommandError unless it is verified."""
        scope = Scope(Namespace.CASE, UUID(played.case))
        verdict = verify_file(played.report, policy=policy, scope=scope)
        for finding in verdict.findings:
            if finding.level is not Level.OK:
                self.say(f"  {finding.level}: {finding.sentence}")
        self.say(f"Offline verification with the pinned policy: {verdict.outcome}.")
        if verdict.outcome is not Outcome.VERIFIED:
            raise CommandError("The report does not verify; the demonstration failed.")

    def conclude(self, stage: Stage, report: Path, data: Path) -> None:
        """Print what a person needs to look around."""
        self.say("")
        self.say(f"Case    {stage.number}, {stage.title}")
        self.say(f"Report  {report}")
        self.say(f"Check   python -m custody.proof {report} --policy {data / POLICY}")
        self.say(f"People  {data / ACCOUNTS} (passwords, and the passphrases of their signing keys)")
