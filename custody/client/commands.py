"""What each word of the command line does: read the arguments, call the library, print the outcome."""

from __future__ import annotations

import argparse
import getpass
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from custody.proof import __main__ as proof

from . import keys, receipts, reports, session, source_files, together, transfers
from .display import PlainWatcher, TerminalWatcher, summary
from .drafts import Session, Signed
from .errors import ClientError
from .profile import Profile
from .server import Answer, Server
from .sheet import load
from .source_files import visible
from .take_in import Intake, Outcome, Plan, Result

# The time a draft lives at the server: after it the holder's proof of possession is worth nothing.
_ENROLMENT_PATIENCE = 14 * 60
_MAX_SECRET_FILE = 4096


def login(arguments: argparse.Namespace) -> int:
    """Get a token."""
    profile = _profile(arguments)
    if arguments.ca_file:
        session.trust(profile, arguments.ca_file)
    password = _secret(arguments.password_file, f"Password of {arguments.username}: ")
    until = session.log_on(profile, arguments.server, arguments.username, password)
    _say(f"Logged on as {arguments.username} until {until}.")
    return 0


def key_new(arguments: argparse.Namespace) -> int:
    """Make a key."""
    passphrase = _secret(arguments.passphrase_file, "Passphrase for the new key: ")
    if not arguments.passphrase_file and getpass.getpass("The same again: ") != passphrase:
        raise ClientError("The two passphrases differ; no key was made.")
    key = keys.new(_profile(arguments), passphrase, arguments.alg)
    _say(f"New key {key.keyid} ({key.alg}). Nobody can restore it: keep a copy of file and passphrase.")
    return 0


def key_add(arguments: argparse.Namespace) -> int:
    """Take a key file in."""
    _say(f"This profile uses the key {keys.add(_profile(arguments), arguments.file)} from now on.")
    return 0


def key_card(arguments: argparse.Namespace) -> int:
    """Use a key on a card."""
    keyid = keys.use_card(
        _profile(arguments), module=arguments.module, token=arguments.token, label=arguments.label
    )
    _say(f"This profile signs with the key {keyid} on the card from now on.")
    return 0


def key_show(arguments: argparse.Namespace) -> int:
    """Show the public side of the key."""
    wrapped = keys.current(_profile(arguments))
    for name in ("keyid", "alg", "spki"):
        _say(f"{name}: {wrapped[name]}")
    return 0


def key_request(arguments: argparse.Namespace) -> int:
    """Ask for enrolment."""
    profile = _profile(arguments)
    wrapped = keys.current(profile)
    with session.connect(profile) as server:
        if arguments.leave_copy and keys.is_on_card(wrapped):
            raise ClientError("A key on a card cannot be copied; leave out --leave-copy.")
        copy = wrapped if arguments.leave_copy else None
        keys.request_enrolment(server, wrapped, label=arguments.label, copy=copy)
    _say(
        f"Asked for the enrolment of {wrapped['keyid']}. Next: the administrator enrols, you run `key prove`."
    )
    return 0


def key_prove(arguments: argparse.Namespace) -> int:
    """Prove possession."""
    with _signing(arguments) as signing:
        proven = keys.prove(signing)
    for line in proven:
        _say(line)
    if not proven:
        _say("No enrolment waits for this key.")
    return 0 if proven else 1


def key_enrol(arguments: argparse.Namespace) -> int:
    """Enrol somebody's key."""
    until = time.monotonic() + _ENROLMENT_PATIENCE

    def wait(seconds: float) -> bool:
        time.sleep(seconds)
        return time.monotonic() < until

    with _signing(arguments) as signing:
        _say("Waiting for the holder to prove possession (`key prove`) …")
        return _tell(signing, keys.enrol(signing, arguments.keyid, wait))


def sign_together(arguments: argparse.Namespace) -> int:
    """List what several sign, or sign one of them."""
    with _signing(arguments) as signing:
        if arguments.draft:
            signed = together.sign(signing, arguments.draft)
            if signed.entry < 0:
                _say("Signed. Its author records it when nobody's signature is missing.")
                return 0
            return _tell(signing, signed)
        found = together.waiting(signing)
    for one in found:
        _say(f"{one.id}  {'mine' if one.is_mine else 'of another'}; still to sign: {', '.join(one.needs)}")
        for label, value in one.lines:
            _say(f"    {label}: {value}")
    if not found:
        _say("Nothing waits for several signatures.")
    return 0


def cases(arguments: argparse.Namespace) -> int:
    """List the cases."""
    with session.connect(_profile(arguments)) as server:
        _table(
            server.list("cases/"), {"number": "Number", "title": "Title", "status": "Status", "uuid": "Id"}
        )
    return 0


def people(arguments: argparse.Namespace) -> int:
    """List the people."""
    with session.connect(_profile(arguments)) as server:
        _table(server.list("people/"), {"name": "Name", "role": "Role", "person": "Id"})
    return 0


def fetch_receipts(arguments: argparse.Namespace) -> int:
    """Fetch the receipts that are still missing."""
    profile = _profile(arguments)
    wanted = receipts.awaited(profile)
    with session.connect(profile) as server:
        missing = receipts.keep(server, profile, wanted, time.sleep)
    for line in missing:
        _say(line)
    kept = len(wanted) - len(missing)
    _say(f"{kept} receipts fetched into {profile.folder / 'receipts'}, {len(missing)} missing.")
    return 1 if missing else 0


def take_in(arguments: argparse.Namespace) -> int:
    """Take files in."""
    sheet = load(arguments.sheet)
    found = list(source_files.find(arguments.paths))
    total = sum(one.size for one in found if isinstance(one, source_files.SourceFile))
    console = Console()
    with _signing(arguments) as signing:
        server = signing.server
        case = _case(server, arguments.case)
        plan = Plan(case, _authority(server, case, arguments.authority), sheet)
        if console.is_terminal:
            with TerminalWatcher(console, total) as bars:
                intake = Intake(signing, plan, bars)
                results = intake.run(found)
        else:
            intake = Intake(signing, plan, PlainWatcher(_say))
            results = intake.run(found)
        missing = intake.keep_receipts()
    summary(console, results)
    for line in missing:
        _say(f"Receipt missing. {line} Fetch it later with `receipts`.")
    return _exit_code(results)


def _exit_code(results: list[Result]) -> int:
    return 1 if not results or any(result.outcome is Outcome.FAILED for result in results) else 0


def transfer_list(arguments: argparse.Namespace) -> int:
    """List transfers."""
    query = {"state": arguments.state} if arguments.state else {}
    with session.connect(_profile(arguments)) as server:
        rows = server.list("transfers/", **query)
        _table(
            rows, {"exhibit_number": "Exhibit", "state": "State", "purpose": "Purpose", "uuid": "Transfer"}
        )
    return 0


def transfer_request(arguments: argparse.Namespace) -> int:
    """Offer an item."""
    with _signing(arguments) as signing:
        offer = transfers.Offer(
            item=arguments.item,
            taker=_person(signing.server, arguments.taker),
            purpose=arguments.purpose,
            place=arguments.place,
            seal_number=arguments.seal_number,
            seal_condition=arguments.seal_condition,
        )
        return _tell(signing, transfers.offer(signing, offer))


def transfer_answer(arguments: argparse.Namespace) -> int:
    """Accept or approve a transfer."""
    act = {"accept": transfers.accept, "approve": transfers.approve}[arguments.verb]
    with _signing(arguments) as signing:
        return _tell(signing, act(signing, arguments.transfer, note=arguments.note))


def transfer_end(arguments: argparse.Namespace) -> int:
    """Refuse, withdraw or reject a transfer."""
    act = {"refuse": transfers.refuse, "withdraw": transfers.withdraw, "reject": transfers.reject}[
        arguments.verb
    ]
    with _signing(arguments) as signing:
        return _tell(signing, act(signing, arguments.transfer, reason=arguments.reason))


def report_request(arguments: argparse.Namespace) -> int:
    """Ask for a report and wait for it."""
    with session.connect(_profile(arguments)) as server:
        if arguments.case:
            report = reports.request_for_case(server, _case(server, arguments.case), arguments.variant)
        else:
            report = reports.request_for_item(server, arguments.item, arguments.variant)
        _say(f"Report {report} is being made …")
        answer = reports.wait(server, report)
    _say(f"Report {report} is ready, SHA-256 {answer['sha256']}.")
    return 0


def report_download(arguments: argparse.Namespace) -> int:
    """Fetch a report."""
    target: Path = arguments.to
    if target.is_dir():
        target = target / f"custody-report-{arguments.report}.pdf"
    with session.connect(_profile(arguments)) as server:
        reports.download(server, arguments.report, target)
        reports.receipt(server, arguments.report, target.with_name(target.name + reports.RECEIPT))
    _say(
        f"Kept as {target}, with its receipt; the SHA-256 is the announced one. Next: report verify {target}"
    )
    return 0


def report_verify(arguments: argparse.Namespace) -> int:
    """Verify a report offline, with the receipt if it lies beside it."""
    words = [str(arguments.file)]
    beside: Path = arguments.file.with_name(arguments.file.name + reports.RECEIPT)
    if arguments.receipt or beside.exists():
        words += ["--receipt", str(arguments.receipt or beside)]
    policy = arguments.policy or _profile(arguments).folder / receipts.POLICY_FILE
    if arguments.policy or policy.exists():
        words += ["--policy", str(policy)]
    return proof.main(words)


@contextmanager
def _signing(arguments: argparse.Namespace) -> Iterator[Session]:
    """Give a session that can sign, for the length of one command."""
    profile = _profile(arguments)
    what = "PIN of your card" if keys.is_on_card(keys.current(profile)) else "Passphrase of your key"
    with session.signing_session(profile, _secret(arguments.passphrase_file, f"{what}: ")) as opened:
        yield opened


def _tell(signing: Session, signed: Signed) -> int:
    """Print what became of one act and fetch its receipt."""
    _say(f"Signed and recorded as entry {signed.entry} of the custody log.")
    for line in receipts.keep(signing.server, signing.profile, [signed.entry], time.sleep):
        _say(f"Receipt missing. {line} Fetch it later with `receipts`.")
    return 0


def _profile(arguments: argparse.Namespace) -> Profile:
    return Profile(arguments.profile)


def _secret(file: Path | None, prompt: str) -> str:
    """Read a password from the named file's first line, or ask for it on the terminal without showing it."""
    if file is None:
        return getpass.getpass(prompt)
    try:
        with file.open("rb") as opened:
            first = opened.read(_MAX_SECRET_FILE).split(b"\n", 1)[0]
        return first.decode("utf-8").rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise ClientError(f"{file} cannot be read: {error}.") from error


def _case(server: Server, wanted: str) -> str:
    return _chosen(server.list("cases/"), wanted, "case", ("uuid", "number"))


def _authority(server: Server, case: str, wanted: str) -> str:
    return _chosen(server.list(f"cases/{case}/authorities/"), wanted, "authority", ("uuid", "reference"))


def _person(server: Server, wanted: str) -> str:
    return _chosen(server.list("people/"), wanted, "person", ("person", "name", "badge"))


def _chosen(rows: list[Answer], wanted: str, what: str, names: tuple[str, ...]) -> str:
    """Find the one thing a person means, by its id or by a name; the first of `names` is the id."""
    fitting = [row for row in rows if wanted in {row.get(name) for name in names}]
    if len(fitting) != 1:
        count = "no" if not fitting else str(len(fitting))
        raise ClientError(f"There is {count} {what} {visible(wanted)!r} that you can see; give its id.")
    return str(fitting[0][names[0]])


def _table(rows: list[Answer], columns: dict[str, str]) -> None:
    table = Table(box=None, pad_edge=False)
    for head in columns.values():
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*(Text(visible(str(row.get(name, "")))) for name in columns))
    Console().print(table)


def _say(line: str) -> None:
    Console().print(Text(line), soft_wrap=True)
