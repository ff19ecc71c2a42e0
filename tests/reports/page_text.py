"""Read back what a report's pages print, and where: enough of PDF for our own reports, nothing more.

Does: follow text operators and the fonts' own maps from glyphs to characters and widths.
Does not: order lines or columns; right-to-left text comes in the order of the page.
"""

import io
import re
from dataclasses import dataclass

from pyhanko.pdf_utils.reader import PdfFileReader

TOKEN = re.compile(rb"[-+.0-9]+|/[^\s/<>\[\](){}%]+|<<|>>|<[0-9A-Fa-f\s]*>|\[|\]|\(|[A-Za-z*'\"]+")
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


@dataclass(frozen=True)
class Run:
    page: int
    left: float
    right: float
    baseline: float
    text: str


def page_text(pdf: bytes) -> str:
    """All printed text, one run after another without separators."""
    return "".join(run.text for run in page_runs(pdf))


def page_runs(pdf: bytes) -> list[Run]:
    reader = PdfFileReader(io.BytesIO(pdf))
    runs: list[Run] = []
    for number, page in enumerate(_leaves(reader.root["/Pages"]), start=1):
        fonts = {name: _Font(font.get_object()) for name, font in page["/Resources"]["/Font"].items()}
        runs += _runs(number, page["/Contents"].data, fonts)
    return runs


def _leaves(node):
    if node["/Type"] == "/Page":
        return [node]
    return [leaf for kid in node["/Kids"] for leaf in _leaves(kid.get_object())]


class _Font:
    def __init__(self, font) -> None:
        self.characters = _to_unicode(font["/ToUnicode"].data.decode("latin-1"))
        descendant = font["/DescendantFonts"][0].get_object()
        self.default = float(descendant.get("/DW", 1000))
        self.widths = _widths(list(descendant.get("/W", ())))


def _to_unicode(cmap: str) -> dict[int, str]:
    found = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", cmap, re.S):
        for glyph, text in re.findall(r"<([0-9A-F]+)>\s*<([0-9A-F]+)>", block):
            found[int(glyph, 16)] = bytes.fromhex(text).decode("utf-16-be")
    return found


def _widths(array: list) -> dict[int, float]:
    """Read `first [w w …]` and `first last w` groups."""
    found, at = {}, 0
    while at < len(array):
        first, second = int(array[at]), array[at + 1]
        if isinstance(second, list):
            found |= {first + step: float(width) for step, width in enumerate(second)}
            at += 2
        else:
            found |= dict.fromkeys(range(first, int(second) + 1), float(array[at + 2]))
            at += 3
    return found


def _runs(page: int, data: bytes, fonts: dict[str, _Font]) -> list[Run]:
    runs, operands, stack, place = [], [], [], (0.0, 0.0)
    font, size, shift = None, 0.0, 0.0
    for token in _tokens(data):
        if isinstance(token, bytes) or not token.isalpha():
            operands.append(token)
            continue
        match token:
            case "q":
                stack.append(place)
            case "Q":
                place = stack.pop()
            case "cm":  # typst only moves and flips
                place = (place[0] + float(operands[-2]), place[1] + float(operands[-1]))
            case "Tm":
                shift = float(operands[-2])
            case "Tf":
                font, size = fonts[operands[-2]], float(operands[-1])
            case "TJ" | "Tj":
                runs.append(_run(page, (place[0] + shift, place[1]), font, size, operands))
        operands = []
    return runs


def _run(page: int, place: tuple[float, float], font: _Font, size: float, operands: list) -> Run:
    text, width, blank = "", 0.0, 0.0  # blank: width of spaces at the end, which may hang over a margin
    for operand in operands:
        if isinstance(operand, bytes):
            for at in range(0, len(operand), 2):
                glyph = int.from_bytes(operand[at : at + 2], "big")
                advance = font.widths.get(glyph, font.default)
                text += font.characters.get(glyph, "")
                width += advance
                blank = blank + advance if font.characters.get(glyph) == " " else 0.0
        elif operand not in ("[", "]"):
            width -= float(operand)
    return Run(page, place[0], place[0] + (width - blank) * size / 1000, place[1], text)


def _tokens(data: bytes):
    """Give strings as bytes, everything else as str."""
    at = 0
    while match := TOKEN.search(data, at):
        at = match.end()
        token = match[0]
        if token == b"(":
            string, at = _literal(data, at)
            yield string
        elif token.startswith(b"<") and token != b"<<":
            yield bytes.fromhex(token[1:-1].decode())
        else:
            yield token.decode("latin-1")


def _literal(data: bytes, at: int) -> tuple[bytes, int]:
    out, depth = bytearray(), 1
    while True:
        byte = data[at : at + 1]
        if byte == b"\\":
            octal = re.compile(rb"[0-7]{1,3}").match(data, at + 1)
            if octal:
                out.append(int(octal[0], 8))
                at = octal.end()
            else:
                out += ESCAPES.get(data[at + 1 : at + 2], data[at + 1 : at + 2])
                at += 2
            continue
        depth += (byte == b"(") - (byte == b")")
        at += 1
        if depth == 0:
            return bytes(out), at
        out += byte
