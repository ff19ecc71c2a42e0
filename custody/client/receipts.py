"""Fetch, check and keep receipts: the proof that a signed act is in the log (C2SP tlog-proof).

A receipt is checked when it comes, against the log's policy as this profile first saw it: the entry that
was signed is at that place of a log whose head the log has signed. Without receipt, no handover.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from custody.proof import digests, merkle
from custody.proof.errors import ProofError
from custody.proof.policy import Policy, parse_policy, verify_checkpoint

from .errors import ClientError, NotReadyError, ProfileError
from .profile import Profile
from .server import Server

POLICY_FILE = "log-policy.txt"
_HEAD = "c2sp.org/tlog-proof@v1"
# The log publishes a head within a minute of an entry, mostly within a second.
_TRIES = 150
_WAIT = 0.5


@dataclass(frozen=True)
class Receipt:
    """A tlog-proof: where the entry lies, the hashes on its way to the root, and the signed head."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str


def parse(text: str) -> Receipt:
    """Read a receipt. Raises ClientError."""
    head, found, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    lines = [line for line in lines if not line.startswith("extra ")]
    if not found or lines[0] != _HEAD or len(lines) < 2 or not lines[1].startswith("index "):
        raise ClientError("The server's receipt has another form than this client knows.")
    number = lines[1].removeprefix("index ")
    if not number.isascii() or not number.isdigit() or len(number) > 16:
        raise ClientError("The server's receipt does not say which entry it is for.")
    try:
        path = tuple(digests.unb64_hash(line) for line in lines[2:])
    except ProofError as error:
        raise ClientError(f"The server's receipt is malformed: {error}") from error
    return Receipt(int(number), path, checkpoint)


def check(receipt: Receipt, *, entry: int, leaf: bytes, policy: Policy) -> None:
    """Return if the entry that was signed is in the log. Raises ClientError."""
    if receipt.index != entry:
        raise ClientError(f"The server's receipt is for entry {receipt.index}, not for entry {entry}.")
    try:
        head = verify_checkpoint(receipt.checkpoint, policy)
        merkle.verify_inclusion(leaf, entry, head.size, list(receipt.path), head.root)
    except ProofError as error:
        raise ClientError(
            f"The receipt of entry {entry} does not prove it: {error} Tell the auditor."
        ) from error


def pinned_policy(server: Server, profile: Profile) -> Policy:
    """Give the log's policy as this profile first saw it; fetch and keep it the first time."""
    path = profile.folder / POLICY_FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        text = server.text("ledger/policy/")
        _parsed(text)
        profile.write_bytes(POLICY_FILE, text.encode("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError(f"{path} cannot be read: {error}.") from error
    return _parsed(text)


def _parsed(text: str) -> Policy:
    try:
        return parse_policy(text)
    except ProofError as error:
        raise ClientError(f"The log's policy cannot be used: {error}") from error


def awaited(profile: Profile) -> list[int]:
    """Give the entries that this profile has signed and holds no receipt of, oldest first."""
    signed = [path for path in (profile.folder / "receipts").glob("*.json") if path.stem.isdigit()]
    return sorted(int(path.stem) for path in signed if not path.with_suffix(".tlog-proof").exists())


def keep(
    server: Server, profile: Profile, entries: Iterable[int], pause: Callable[[float], None]
) -> list[str]:
    """Fetch, check and keep the receipts; give a sentence for each that is missing or proves nothing."""
    policy = pinned_policy(server, profile)
    missing = []
    for entry in entries:
        try:
            text = _fetch(server, entry, pause)
            own = profile.read(f"receipts/{entry}.json")
            check(parse(text), entry=entry, leaf=digests.unb64_hash(str(own.get("leaf"))), policy=policy)
            profile.write_bytes(f"receipts/{entry}.tlog-proof", text.encode("utf-8"))
        except (ClientError, ProofError) as error:
            missing.append(f"Entry {entry}: {error}")
    return missing


def _fetch(server: Server, entry: int, pause: Callable[[float], None]) -> str:
    """Ask until the log has published a head that covers the entry."""
    for attempt in range(1, _TRIES + 1):
        try:
            return server.text(f"receipts/{entry}/")
        except NotReadyError:
            if attempt == _TRIES:
                raise
        pause(_WAIT)
    raise AssertionError("the loop above returns or raises")
