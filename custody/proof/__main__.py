"""The offline verifier: python -m custody.proof REPORT.pdf --policy FILE

Reads the files it is given, nothing else; no network, no configuration, no database. Exit codes: 0 verified,
1 verified with remarks, 2 not verified (also if a file cannot be read or the command line is wrong).
"""

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from custody.proof import verdict_json, verdict_text
from custody.proof.findings import ExitCode
from custody.proof.prefix_map import Namespace
from custody.proof.verify_file import verify_file
from custody.proof.verify_log import Scope


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify, print, return the exit code."""
    options = _parser().parse_args(arguments)
    if hasattr(sys.stdout, "reconfigure"):  # a terminal that lacks a letter must not end the verification
        sys.stdout.reconfigure(errors="backslashreplace")
    # Libraries warn of oddities in hostile certificates; the verdict is the only thing to be read here.
    warnings.simplefilter("ignore")
    try:
        verdict = verify_file(
            options.file,
            policy=options.policy,
            scope=_scope(options),
            evidence=options.evidence,
            other=options.compare,
            at=options.at,
            receipt=options.receipt,
        )
    except Exception as error:  # noqa: BLE001  # a fault of ours must not end like a verdict
        print(f"NOT VERIFIED: {verdict_text.printable(str(options.file))}")
        print(f"The verifier itself failed ({type(error).__name__}); please report this with the file.")
        return ExitCode.NOT_VERIFIED
    name = options.file.name
    text = verdict_json.dumps(verdict, name) if options.json else "\n".join(verdict_text.lines(verdict, name))
    try:
        print(text, flush=True)
    except BrokenPipeError:  # whoever reads us has seen enough; the exit code still counts
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return verdict.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="unbroken-verify",
        description="Verify a custody report (PDF) or its proof bundle (JSON) offline.",
        epilog="Exit codes: 0 verified, 1 verified with remarks, 2 not verified.",
    )
    parser.add_argument("file", type=Path, metavar="REPORT", help="the report (PDF) or custody-proof.json")
    parser.add_argument(
        "--policy", type=Path, help="the log's key and pins, obtained from somebody you trust"
    )
    scope = parser.add_mutually_exclusive_group()
    scope.add_argument("--item", type=UUID, metavar="UUID", help="this item must be complete")
    scope.add_argument(
        "--case", type=UUID, metavar="UUID", help="this case and all its items must be complete"
    )
    parser.add_argument(
        "--evidence", type=Path, nargs="+", default=(), metavar="FILE", help="files that must be unchanged"
    )
    parser.add_argument("--compare", type=Path, metavar="OTHER", help="another report of the same log")
    parser.add_argument(
        "--at",
        type=_day,
        metavar="YYYY-MM-DD",
        help="judge as on this day which certificates of time stamps have expired (default: now)",
    )
    parser.add_argument(
        "--receipt", type=Path, metavar="FILE", help="the report's receipt (report.pdf.tlog-proof)"
    )
    parser.add_argument("--json", action="store_true", help="print the verdict for machines")
    return parser


def _day(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)


def _scope(options: argparse.Namespace) -> Scope | None:
    if options.item is not None:
        return Scope(Namespace.ITEM, options.item)
    if options.case is not None:
        return Scope(Namespace.CASE, options.case)
    return None


if __name__ == "__main__":
    sys.exit(main())
