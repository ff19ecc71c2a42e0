"""Mirror a custody log and witness it: python -m custody.proof.mirror COMMAND …

    key      make a key to cosign with, and print its verifier key for the log's policy
    once     read the log once, recompute it, cosign its newest head if it is what the entries say
    follow   the same, again and again
    serve    follow on request: answer the log's add-checkpoint over HTTP

Exit codes: 0 recomputed (and cosigned), 1 the log or the mirror's folder could not be read, 2 refused.
"""

import argparse
import logging
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from custody.proof.add_checkpoint import write_answer
from custody.proof.errors import ProofError
from custody.proof.mirror.archive import Archive
from custody.proof.mirror.errors import MirrorError, RefusedError, SourceError, StateError
from custody.proof.mirror.server import make_server
from custody.proof.mirror.source import Source, open_source, read_checkpoint
from custody.proof.mirror.witness import Witness
from custody.proof.note_keys import Cosigner
from custody.proof.policy import Policy, parse_policy
from custody.proof.signatures import Algorithm, SigningKey

log = logging.getLogger("mirror")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        return int(options.run(options))
    except (RefusedError, ProofError) as error:
        print(f"REFUSED: {error}", file=sys.stderr)
        return 2
    except (MirrorError, OSError) as error:
        print(f"NOT DONE: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def make_key(options: argparse.Namespace) -> int:
    """Make a key file that only its owner can read, and print what belongs into the policy."""
    algorithm = Algorithm.ML_DSA_44 if options.ml_dsa_44 else Algorithm.ED25519
    key = SigningKey.generate(algorithm)
    cosigner = Cosigner(options.name, key)
    with os.fdopen(os.open(options.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(key.to_pkcs8())
        file.flush()
        os.fsync(file.fileno())
    print(cosigner.vkey)
    return 0


def once(options: argparse.Namespace) -> int:
    """Recompute the newest head and cosign it."""
    source, archive = _source(options), Archive(options.state)
    with archive.held():
        witness = _witness(options, archive, source)
        lines = write_answer(witness.follow(read_checkpoint(source)))
        if options.out:
            options.out.write_text(lines, encoding="utf-8")
        else:
            print(lines, end="")
        log.info("recomputed %d entries of %s", witness.size, witness.origin)
    return 0


def follow(options: argparse.Namespace) -> int:
    """Recompute and cosign each new head; a refusal ends it, so that a person looks."""
    source, archive = _source(options), Archive(options.state)
    with archive.held():
        witness = _witness(options, archive, source)
        while True:
            try:
                note = read_checkpoint(source)
                before = witness.size
                witness.follow(note)
                if witness.size > before:
                    log.info("recomputed %d entries of %s", witness.size, witness.origin)
            except SourceError as error:
                log.warning("%s", error)
            time.sleep(options.every)


def serve(options: argparse.Namespace) -> int:
    """Answer add-checkpoint until stopped."""
    source, archive = _source(options), Archive(options.state)
    host, _, port = options.address.rpartition(":")
    with archive.held():
        witness = _witness(options, archive, source)
        with make_server(witness, host.strip("[]"), int(port)) as server:
            log.info("witness of %s on %s:%d", witness.origin, *server.server_address[:2])
            server.serve_forever()
    return 0


def _source(options: argparse.Namespace) -> Source:
    token = options.token_file.read_text(encoding="utf-8").strip() if options.token_file else ""
    return open_source(options.log, token)


def _witness(options: argparse.Namespace, archive: Archive, source: Source) -> Witness:
    cosigners = [Cosigner(options.name, _read_key(path)) for path in options.key]
    return Witness(archive, _policy(options.policy), cosigners, source)


def _policy(path: Path) -> Policy:
    return parse_policy(path.read_text(encoding="utf-8"))


def _read_key(path: Path) -> SigningKey:
    if path.stat().st_mode & 0o077:
        raise StateError(f"{path} can be read by others; set its mode to 0600.")
    return SigningKey.from_pkcs8(path.read_bytes())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="unbroken-mirror", description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    key = commands.add_parser("key", help="make a key to cosign with")
    key.add_argument("name", help="name of the witness, for example court.example/witness")
    key.add_argument("file", type=Path, help="file to be written (mode 0600)")
    key.add_argument("--ml-dsa-44", action="store_true", help="a post-quantum key instead of Ed25519")
    key.set_defaults(run=make_key)
    for name, run, text in (
        ("once", once, "recompute the newest head once and cosign it"),
        ("follow", follow, "recompute and cosign every new head"),
        ("serve", serve, "answer the log's add-checkpoint"),
    ):
        command = commands.add_parser(name, help=text)
        command.set_defaults(run=run)
        command.add_argument(
            "--policy", type=Path, required=True, help="the log's policy, from somebody you trust"
        )
        command.add_argument("--state", type=Path, required=True, help="folder of this mirror")
        command.add_argument("--log", required=True, help="address of the log, or a folder with its files")
        command.add_argument("--token-file", type=Path, help="file with the token that the agency gave")
        command.add_argument("--name", default="", help="name of the witness")
        command.add_argument(
            "--key", type=Path, action="append", default=[], help="key file; may be repeated"
        )
    once_, follow_, serve_ = (commands.choices[name] for name in ("once", "follow", "serve"))
    once_.add_argument("--out", type=Path, help="write the cosignatures to this file")
    follow_.add_argument("--every", type=float, default=60, metavar="SECONDS", help="how often to look (60)")
    serve_.add_argument("--address", default="127.0.0.1:8910", metavar="HOST:PORT", help="where to listen")
    return parser


if __name__ == "__main__":
    sys.exit(main())
