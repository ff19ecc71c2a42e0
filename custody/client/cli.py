"""The command line: which words there are and what they ask for. What they do is in commands.py."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from rich.console import Console
from rich.text import Text

from . import commands, reports
from .errors import ClientError
from .profile import default_folder
from .source_files import visible

_DONE, _FAILED, _STOPPED = 0, 1, 130


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; 0 if all of it was done, 1 if not, 130 if the person stopped it."""
    arguments = _parser().parse_args(words)
    console = Console(stderr=True)
    try:
        return int(arguments.run(arguments))
    except ClientError as error:
        console.print(Text(visible(str(error)), style="red"), soft_wrap=True)
        return _FAILED
    except KeyboardInterrupt:
        console.print("Stopped. Run the same command again to go on where it stopped.")
        return _STOPPED
    except BrokenPipeError:
        sys.stderr.close()
        return _FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m custody.client",
        description="Take evidence in, hand it over, fetch and verify reports. Keys stay on this machine.",
    )
    parser.add_argument(
        "--profile", type=Path, default=default_folder(), help="folder of keys, token and receipts"
    )
    groups = parser.add_subparsers(required=True, metavar="COMMAND")
    _log_on(groups)
    _keys(groups)
    _lists(groups)
    _take_in(groups)
    _transfer(groups)
    _report(groups)
    return parser


# argparse keeps this class private; it is what add_subparsers gives.
_Groups: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _log_on(groups: _Groups) -> None:
    login = groups.add_parser("login", help="get a token for a server")
    login.add_argument("username")
    login.add_argument("--server", required=True, help="address, https://…")
    login.add_argument("--ca-file", type=Path, help="certificate authorities to trust for this server")
    login.add_argument("--password-file", type=Path, help="read the password from this file's first line")
    login.set_defaults(run=commands.login)


def _passphrase(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        help="read the key's passphrase, or the card's PIN, from this file's first line",
    )


def _keys(groups: _Groups) -> None:
    key = groups.add_parser("key", help="make, show and enrol signing keys").add_subparsers(required=True)
    new = key.add_parser("new", help="make a key, wrapped by a passphrase")
    new.add_argument("--alg", choices=("ES256", "Ed25519"), default="ES256")
    _passphrase(new)
    new.set_defaults(run=commands.key_new)
    add = key.add_parser("add", help="take a key file from elsewhere into the profile")
    add.add_argument("file", type=Path)
    add.set_defaults(run=commands.key_add)
    card = key.add_parser("card", help="use a P-256 key on a card or token (PIV, PKCS#11)")
    card.add_argument("--module", required=True, help="path of the PKCS#11 module, …/opensc-pkcs11.so")
    card.add_argument("--token", required=True, help="label of the card or token")
    card.add_argument("--label", required=True, help="label of the key on it")
    card.set_defaults(run=commands.key_card)
    show = key.add_parser("show", help="show the key that this profile uses")
    show.set_defaults(run=commands.key_show)
    request = key.add_parser("request", help="ask for the key's enrolment")
    request.add_argument("--label", default="command-line client")
    request.add_argument(
        "--leave-copy", action="store_true", help="leave the wrapped key for use in the browser"
    )
    request.set_defaults(run=commands.key_request)
    prove = key.add_parser("prove", help="sign the enrolments that wait for this key")
    _passphrase(prove)
    prove.set_defaults(run=commands.key_prove)
    enrol = key.add_parser("enrol", help="as administrator: enrol a key that was asked for")
    enrol.add_argument("keyid")
    _passphrase(enrol)
    enrol.set_defaults(run=commands.key_enrol)
    together = groups.add_parser("together", help="what several sign: list it, or sign one of them")
    together.add_argument("draft", nargs="?", help="id of the record to sign; without it, they are listed")
    _passphrase(together)
    together.set_defaults(run=commands.sign_together)


def _lists(groups: _Groups) -> None:
    groups.add_parser("cases", help="list your cases").set_defaults(run=commands.cases)
    groups.add_parser("people", help="list people and their ids").set_defaults(run=commands.people)
    fetch = groups.add_parser("receipts", help="fetch receipts that were not published yet")
    fetch.set_defaults(run=commands.fetch_receipts)


def _take_in(groups: _Groups) -> None:
    take_in = groups.add_parser("take-in", help="send files, compare digests, sign their intake")
    take_in.add_argument("paths", nargs="+", type=Path, metavar="FILE|FOLDER")
    take_in.add_argument("--case", required=True, help="number or id")
    take_in.add_argument("--authority", required=True, help="reference or id")
    take_in.add_argument("--sheet", required=True, type=Path, help="exhibit sheet, .json or .csv")
    _passphrase(take_in)
    take_in.set_defaults(run=commands.take_in)


def _transfer(groups: _Groups) -> None:
    verbs = groups.add_parser("transfer", help="hand items over").add_subparsers(required=True)
    listed = verbs.add_parser("list", help="list transfers")
    listed.add_argument("--state", default="")
    listed.set_defaults(run=commands.transfer_list)
    offer = verbs.add_parser("request", help="offer custody of an item to a person")
    offer.add_argument("item")
    for option in ("taker", "purpose", "place", "seal-number", "seal-condition"):
        offer.add_argument(f"--{option}", required=True)
    _passphrase(offer)
    offer.set_defaults(run=commands.transfer_request)
    for verb in ("accept", "approve"):
        parser = verbs.add_parser(verb)
        parser.add_argument("transfer")
        parser.add_argument("--note", default="")
        _passphrase(parser)
        parser.set_defaults(run=commands.transfer_answer, verb=verb)
    for verb in ("refuse", "withdraw", "reject"):
        parser = verbs.add_parser(verb)
        parser.add_argument("transfer")
        parser.add_argument("--reason", required=True)
        _passphrase(parser)
        parser.set_defaults(run=commands.transfer_end, verb=verb)


def _report(groups: _Groups) -> None:
    verbs = groups.add_parser("report", help="custody reports").add_subparsers(required=True)
    request = verbs.add_parser("request", help="ask for a report and wait until it is made")
    about = request.add_mutually_exclusive_group(required=True)
    about.add_argument("--case", help="number or id")
    about.add_argument("--item", help="id")
    request.add_argument(
        "--variant",
        choices=(reports.SEALED, reports.PUBLIC),
        default=reports.SEALED,
        help="sealed, for the court (default), or public: no names, free text or hashes of files",
    )
    request.set_defaults(run=commands.report_request)
    download = verbs.add_parser("download", help="fetch a report that is ready")
    download.add_argument("report")
    download.add_argument("--to", type=Path, default=Path(), help="folder or file name")
    download.set_defaults(run=commands.report_download)
    verify = verbs.add_parser(
        "verify", help="verify a report offline; exit code 0, 1 (remarks) or 2 (not verified)"
    )
    verify.add_argument("file", type=Path)
    verify.add_argument(
        "--policy", type=Path, help="the log's policy; without it the one this profile has pinned"
    )
    verify.add_argument(
        "--receipt", type=Path, help="the report's receipt; without it the one that lies beside the report"
    )
    verify.set_defaults(run=commands.report_verify)
