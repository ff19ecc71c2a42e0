"""Rebuild the HTML of a message from its text: plain structure and links, nothing that hides or loads.

Scripts, styles, comments, pictures, forms and all attributes but a link's target are left out. Text that was hidden
stays, for it is evidence; it is no longer hidden. Names may be spread over tags and are found all the same.
"""

import html
from html.parser import HTMLParser

from evidence.redaction.find import Finder
from evidence.redaction.findings import Findings
from evidence.redaction.mask import mask_segments
from evidence.redaction.registry import Remark, UnsupportedError

# The parser's work grows faster than its input on hostile markup.
MAX_MARKUP = 4 * 1024 * 1024

_KEPT = frozenset({
    "a", "b", "blockquote", "br", "dd", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
    "i", "li", "ol", "p", "pre", "s", "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "th",
    "thead", "tr", "u", "ul",
})  # fmt: skip
_EMPTY = frozenset({"br", "hr"})
_SILENT = frozenset({"script", "style", "template", "noscript"})
_PICTURES = frozenset({"img", "picture", "svg", "video", "audio", "object", "embed", "iframe", "canvas"})
_LINKS = ("http://", "https://", "mailto:", "tel:")
_PICTURE_NOTICE = "[picture withheld]"
# Tags inside a word split nothing; cells and paragraphs part words. Both readings are searched.
_BORDERS = ("", "\n")


class _Reader(HTMLParser):
    """Collect text and structure: pieces alternate between markup that stays and places in texts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str | int] = []
        self.texts: list[str] = []
        self.links: list[str] = []
        self._open: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag in _PICTURES:
            self.handle_data(_PICTURE_NOTICE)
        elif tag in _KEPT and not self._silent:
            self._start(tag, dict(attrs).get("href") if tag == "a" else None)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in self._open and not self._silent:
            while self._open:
                last = self._open.pop()
                self.pieces.append(f"</{last}>")
                if last == tag:
                    break

    def handle_data(self, data: str) -> None:
        if not self._silent and data:
            self.pieces.append(len(self.texts))
            self.texts.append(data)

    def finish(self) -> None:
        """Close what the message left open."""
        self.close()
        self.pieces.extend(f"</{tag}>" for tag in reversed(self._open))

    def _start(self, tag: str, link: str | None) -> None:
        if tag not in _EMPTY:
            self._open.append(tag)
        if link and link.strip().lower().startswith(_LINKS):
            # Links are numbered below zero, texts from zero.
            self.links.append(link.strip())
            self.pieces += ['<a href="', -len(self.links), '">']
        else:
            self.pieces.append(f"<{tag}>")


def redact_markup(text: str, finder: Finder, findings: Findings, *, part: str) -> str:
    """Return a rebuilt document without names. Raises UnsupportedError where the markup cannot be read."""
    if len(text) > MAX_MARKUP:
        raise UnsupportedError("The formatted text is too large to be rebuilt.")
    reader = _Reader()
    try:
        reader.feed(text)
        reader.finish()
    except (AssertionError, ValueError, RecursionError):
        raise UnsupportedError("The formatted text cannot be read.") from None
    findings.remark(Remark.MARKUP_REBUILT)
    texts = mask_segments(reader.texts, finder, findings, part=part, borders=_BORDERS)
    links = mask_segments(reader.links, finder, findings, part=part, borders=("\n",))
    body = "".join(
        piece if isinstance(piece, str) else html.escape(texts[piece] if piece >= 0 else links[-piece - 1])
        for piece in reader.pieces
    )
    return f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>{body}</body></html>\n'
