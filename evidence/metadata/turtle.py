"""Read the part of RDF Turtle that AFF4 writers use: prefixes, names, literals, lists of predicates and objects.

Loaded only inside the sandbox. Blank nodes and collections are refused in words, not guessed at.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

MAX_STATEMENTS = 500_000
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_TOKEN = re.compile(
    r"""\s+ | \#[^\n]*
    | (?P<prefix>@prefix\b|@base\b|PREFIX\b|BASE\b)
    | <(?P<iri>[^<>"{}|^`\\\x00-\x20]*)>
    | \"\"\"(?P<long>(?:[^"\\]|\\.|"(?!""))*)\"\"\"
    | "(?P<text>(?:[^"\\\n]|\\.)*)"
    | \^\^(?P<typed>)
    | @(?P<language>[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<number>[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    | (?P<end>[;,.])
    | (?P<name>[A-Za-z_][\w.-]*(?<!\.)|)(?P<colon>:)(?P<local>(?:[\w:%-]|\.(?=[\w:%-]))*)
    | (?P<word>a|true|false)\b
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_SHORT = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


class TurtleError(ValueError):
    """The text is not the Turtle that this reads; the words say where."""


class Term(NamedTuple):
    """An object: an IRI (kind "iri"), or a literal's text with the IRI of its type."""

    text: str
    kind: str


Graph = dict[str, dict[str, list[Term]]]


def parse(text: str) -> Graph:
    """Statements by subject and predicate. Raises TurtleError."""
    tokens = list(_tokens(text))
    prefixes: dict[str, str] = {}
    graph: Graph = {}
    place = count = 0
    while place < len(tokens):
        if tokens[place][0] == "prefix":
            place = _prefix(tokens, place, prefixes)
            continue
        subject = _term(tokens, place, prefixes)[0]
        if subject.kind != "iri":
            raise TurtleError("a statement begins with a literal")
        about = graph.setdefault(subject.text, {})
        place += 1
        while True:
            predicate, place = _term(tokens, place, prefixes)
            while True:
                value, place = _term(tokens, place, prefixes)
                about.setdefault(predicate.text, []).append(value)
                count += 1
                if count > MAX_STATEMENTS:
                    raise TurtleError(f"it has more than {MAX_STATEMENTS} statements")
                mark = _mark(tokens, place)
                place += 1
                if mark != ",":
                    break
            while mark == ";" and _is_mark(tokens, place):
                mark, place = _mark(tokens, place), place + 1
            if mark == ".":
                break
            if mark != ";":
                raise TurtleError("a statement does not end")
    return graph


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None or found.end() == place:
            raise TurtleError(f"character {place} begins nothing that is read here")
        place = found.end()
        kind = found.lastgroup
        if kind == "local":
            yield "pname", f"{found['name']}:{found['local']}"
        elif kind is not None:
            yield kind, found[kind]


def _prefix(tokens: list[tuple[str, str]], place: int, prefixes: dict[str, str]) -> int:
    """Take in one prefix; a base is refused, since no AFF4 writer needs it."""
    word = tokens[place][1]
    name, iri = (tokens[place + 1 : place + 3] + [("", "")] * 2)[:2]
    if "base" in word.lower() or name[0] != "pname" or iri[0] != "iri":
        raise TurtleError("a prefix is not declared as it must be")
    prefixes[name[1].rstrip(":")] = iri[1]
    return place + (4 if word.startswith("@") else 3)


def _term(tokens: list[tuple[str, str]], place: int, prefixes: dict[str, str]) -> tuple[Term, int]:
    if place >= len(tokens):
        raise TurtleError("it ends within a statement")
    kind, text = tokens[place]
    if kind == "iri":
        return Term(text, "iri"), place + 1
    if kind == "pname":
        name, _, local = text.partition(":")
        if name not in prefixes:
            raise TurtleError("a name has an undeclared prefix")
        return Term(prefixes[name] + local, "iri"), place + 1
    if kind == "word":
        return (Term(TYPE, "iri") if text == "a" else Term(text, "")), place + 1
    if kind == "number":
        return Term(text, ""), place + 1
    if kind not in ("text", "long"):
        raise TurtleError("something stands where a value belongs")
    literal, after = _unescaped(text), place + 1
    if after < len(tokens) and tokens[after][0] == "typed":
        kind_of, after = _term(tokens, after + 1, prefixes)
        return Term(literal, kind_of.text), after
    if after < len(tokens) and tokens[after][0] == "language":
        after += 1
    return Term(literal, ""), after


def _is_mark(tokens: list[tuple[str, str]], place: int) -> bool:
    return place < len(tokens) and tokens[place][0] == "end"


def _mark(tokens: list[tuple[str, str]], place: int) -> str:
    if not _is_mark(tokens, place):
        raise TurtleError("a statement does not end")
    return tokens[place][1]


def _unescaped(text: str) -> str:
    def one(found: re.Match[str]) -> str:
        code = found[1] or found[2]
        if code:
            return chr(int(code, 16)) if int(code, 16) <= 0x10FFFF else "�"
        return _SHORT.get(found[3], found[3])

    return _ESCAPE.sub(one, text) if "\\" in text else text
