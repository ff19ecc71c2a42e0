"""Name everything that can be wrong with a proof; nothing here checks anything.

    ProofError                  something that was shown to us does not hold
    ├── MalformedError          the bytes are not in the format
    ├── SignatureError          a signature does not verify
    │   └── PasskeyError        a passkey signed otherwise than for this record (passkey.py; has .flaw)
    ├── InclusionError          a hash does not lead to the root it should lead to
    │   └── ConsistencyError    two roots are not of one growing log
    ├── ChainError              a record breaks the rules of custody (has .code)
    ├── PolicyError             the pinned policy does not accept it
    └── WrongPassphraseError    a key file does not open

A check returns None or raises one of these; the text of each is a sentence for a person. Errors of the
programmer are ValueError and TypeError and are not caught here.
"""


class ProofError(Exception):
    """What was shown does not hold."""


class MalformedError(ProofError):
    """The bytes are not in the format, or not in its one canonical form."""


class SignatureError(ProofError):
    """A signature does not verify, or the key is not of a kind this format knows."""


class InclusionError(ProofError):
    """A Merkle proof or a map proof does not lead to the root."""


class ConsistencyError(InclusionError):
    """The smaller tree is not a prefix of the larger one."""


class ChainError(ProofError):
    """A record breaks the rules of custody; `code` is for machines, the text for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class PolicyError(ProofError):
    """The pinned policy does not accept this."""


class WrongPassphraseError(ProofError):
    """The passphrase does not open the key file, or the file was altered: the cipher cannot tell which."""
