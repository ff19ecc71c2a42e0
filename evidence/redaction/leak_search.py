"""Search one plain text for what must not be left in it.

Another algorithm than the redactor's: whole words are looked up in a table, long strings are looked for in the text
without its signs, dates are read and compared. Decoding is leak_layers.py's business.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from evidence.redaction.leak_dates import written
from evidence.redaction.leak_fold import fold, parted_words, squeeze
from evidence.redaction.leak_secrets import Owner, Secrets
from evidence.redaction.registry import CODE_CHANGES, LONG, PART

_WORD = re.compile(r"[^\W\d_]+|[0-9]+")
# "Mar.ia": letters and signs without white space between.
_FINE = re.compile(r"[\s\"<>(){}\[\],;:=/|]+")
# "Gon-\nzález", "Gon\nzález", with the signs of a quoted reply. Looked at from the line end, so that it stays linear.
_LINE_END = re.compile(r"\r?\n[ \t>]*")
_BEFORE_END = re.compile(r"([^\W\d_]+)([-\u2010\u2011]?)[ \t]*\Z")
_AFTER_END = re.compile(r"[^\W\d_]+")
_WORD_REACH = 48
# Below this length a word is broken with a hyphen or not at all.
_BROKEN_WORD = 5
# "M a r i a", "m-a-r-i-a"
_SPELLED = re.compile(r"(?<![^\W_])[^\W\d_](?:[\W_]+[^\W\d_](?![^\W_])){2,}")
_SHORT_BASE64 = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{4,7}(?![A-Za-z0-9+/])")
_AT_WORD = re.compile(r"[\W_]{1,8}(?:at|arroba|aet)[\W_]{1,8}")
_DOT_WORD = re.compile(r"[\W_]{1,8}(?:dot|punto|punkt|point)(?=[\W_])")
# Digests, identifiers and keys: random letters that spell short words now and then.
_LOWER = bytes(range(256)).lower()
_NO_LETTERS = bytes(code for code in range(256) if code > 127 or not chr(code).isalnum())
_GREEK = re.compile("[\u0370-\u03ff\u1f00-\u1fff]")
_CODE = re.compile(r"[A-Za-z0-9+/_-]{22,}={0,2}")
_UUID = re.compile("[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_DIGEST = re.compile("(?=.*[0-9])[0-9A-Fa-f]{32,}")
_KINDS = (
    frozenset("0123456789"),
    frozenset("abcdefghijklmnopqrstuvwxyz"),
    frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
)


@dataclass(frozen=True)
class Prepared:
    """Secrets with the expressions for short ones compiled once."""

    secrets: Secrets
    bounded: list[tuple[re.Pattern[str], set[Owner]]]
    long: dict[str, set[Owner]]


def prepare_search(secrets: Secrets) -> Prepared:
    """Compile what is looked for as words with any signs between the letters."""
    bounded = [(_bounded(text), owners) for text, owners in secrets.bounded.items()]
    return Prepared(secrets, bounded, {text: who for text, who in secrets.glued.items() if len(text) >= LONG})


def search(text: str, prepared: Prepared) -> set[Owner]:
    """Return everybody whom text names."""
    secrets = prepared.secrets
    whole = fold(text)
    if _GREEK.search(text):
        # Greek capitals and small letters look like different Latin letters: both are looked up.
        whole += "\n\ua66e\n" + fold(text.lower())
    found = _glued(squeeze(whole), secrets.glued)
    plain = _CODE.sub(lambda run: " " if _is_code(run[0]) else run[0], text)
    folded = whole if plain == text else fold(plain) + "\n" + fold(plain.lower())
    parted = fold(parted_words(plain))
    for word in _words(folded, parted):
        found |= secrets.words.get(word, set())
        if len(word) > PART and word.endswith("s"):
            found |= secrets.words.get(word[:-1], set())
    for run in (*_spelled_out(plain), *_spelled_out(folded)):
        found |= {o for secret, owners in secrets.words.items() if secret in run for o in owners}
    for expression, owners in prepared.bounded:
        if expression.search(folded) or expression.search(parted):
            found |= owners
    if secrets.dates:
        for date in written(whole):
            found |= secrets.dates.get(date, set())
    if secrets.mails:
        found |= _glued(squeeze(_DOT_WORD.sub(".", _AT_WORD.sub("@", whole))), secrets.mails)
    for word in _SHORT_BASE64.findall(text) if secrets.short else ():
        found |= secrets.short.get(word, set())
    return found | _signs(text.lower(), secrets)


def search_raw(text: str, prepared: Prepared) -> set[Owner]:
    """Return whom a file that is no text, read byte by byte, names beyond accident."""
    letters = text.encode("latin-1", "ignore").translate(_LOWER, _NO_LETTERS).decode("ascii")
    return _glued(letters, prepared.long) | _glued(text, prepared.secrets.raw)


def _glued(stream: str, secrets: dict[str, set[Owner]]) -> set[Owner]:
    return {owner for secret, owners in secrets.items() if secret in stream for owner in owners}


def _is_code(run: str) -> bool:
    """Whether a long run of signs is a digest, an identifier or a key rather than words of anybody."""
    if _UUID.fullmatch(run) or _DIGEST.fullmatch(run):
        return True
    kinds = [place for sign in run for place, members in enumerate(_KINDS) if sign in members]
    changes = sum(a != b for a, b in itertools.pairwise(kinds))
    return len(set(kinds)) == len(_KINDS) and changes >= CODE_CHANGES * len(kinds)


def _words(folded: str, parted: str) -> Iterator[str]:
    yield from set(_WORD.findall(folded)) | set(_WORD.findall(parted))
    for chunk in {*folded.split(), *_FINE.split(folded)}:
        if not chunk.isalnum():
            yield squeeze(chunk)
    for line_end in _LINE_END.finditer(folded):
        before = _BEFORE_END.search(folded, max(0, line_end.start() - _WORD_REACH), line_end.start())
        after = _AFTER_END.match(folded, line_end.end())
        if before and after and (before[2] or len(before[1]) + len(after[0]) >= _BROKEN_WORD):
            yield before[1] + after[0]


def _spelled_out(text: str) -> Iterator[str]:
    for match in _SPELLED.finditer(text):
        yield squeeze(fold(match[0]))


def _bounded(secret: str) -> re.Pattern[str]:
    """Letters with any signs between, where no word goes on; a digit beside a letter is another word."""
    before = "(?<![0-9])" if secret[0].isdigit() else r"(?<![^\W\d_])"
    after = "(?![0-9])" if secret[-1].isdigit() else r"(?![^\W\d_])"
    return re.compile(before + r"[\W_]*".join(map(re.escape, secret)) + after)


def _signs(text: str, secrets: Secrets) -> set[Owner]:
    found: set[Owner] = set()
    for sign, owners in secrets.signs.items():
        expression = rf"(?<!\w){re.escape(sign)}(?!\w)" if sign.isalnum() else re.escape(sign)
        if re.search(expression, text):
            found |= owners
    return found
