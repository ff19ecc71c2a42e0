"""Decide whether a finished copy still names a protected person, or might: the last gate before a release.

Shares no code with the redactor (a test follows the imports): other folding, other search, other parsing. Passes only
what it knows and could search to the end; an unknown type, a missing engine, a limit or an error is not a pass.
It does not look into pixels, and it finds no typing errors, inflections or transliterations.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from evidence.redaction.leak_form import faults_of_json, faults_of_mail, faults_of_text
from evidence.redaction.leak_image import PILLOW, faults_of_jpeg, faults_of_png
from evidence.redaction.leak_layers import Layer, layers_of_bytes, layers_of_text
from evidence.redaction.leak_search import prepare_search, search, search_raw
from evidence.redaction.leak_secrets import prepare
from evidence.redaction.leak_unpack import LayerLimitError
from evidence.redaction.registry import Leak, LeakReport, Protected, from_arguments

VERSION = "1"
_TEXTS = ("text/plain", "text/csv", "application/csv", "text/tab-separated-values")
_JSON = ("application/json", "text/json", "application/x-ndjson", "application/jsonl")
_MAIL = ("message/rfc822",)
_IMAGES = {"image/jpeg": faults_of_jpeg, "image/png": faults_of_png}
_PIXELS = "What the picture shows was not examined: a person must look at it before it is released."
_SPELLINGS = "Typing errors, inflected forms and transliterations of names were not looked for."


def check(data: bytes, content_type: str, registry: Sequence[Protected]) -> LeakReport:
    """Return the verdict on a finished copy; every doubt is a finding, and any finding means not passed."""
    kind = content_type.partition(";")[0].strip().lower()
    engines = [
        {"name": "unbroken leak check", "version": VERSION},
        {"name": "Unicode data", "version": unicodedata.unidata_version},
    ]
    if kind in _IMAGES:
        engines.append({"name": "Pillow", "version": PILLOW or "missing"})
    try:
        findings = sorted(
            set(_findings(data, kind, registry)), key=lambda f: (f.code, f.where, f.pseudonym, f.kind)
        )
    except LayerLimitError:
        findings = [Leak("too_much_to_search", "copy")]
    except Exception as problem:  # noqa: BLE001 - a check that broke has not passed, whatever broke it
        findings = [Leak("check_failed", type(problem).__name__)]
    return LeakReport(not findings, findings, engines, [_PIXELS if kind in _IMAGES else _SPELLINGS])


class Scanner:
    """A registry prepared once, for whoever scans many texts. It holds the identifiers: keep it no longer than them."""

    def __init__(self, registry: Iterable[Protected]) -> None:
        self._prepared = prepare_search(prepare(registry))

    def in_text(self, text: str) -> list[str]:
        """Return the pseudonyms of everybody whom text names, sorted. Raises LayerLimitError on hostile text."""
        return self._named(layers_of_text(text))

    def in_bytes(self, data: bytes) -> list[str]:
        """Return the pseudonyms of everybody whom any file names, through all layers that can be undone."""
        return self._named(layers_of_bytes(data))

    def leaks(self, layers: Iterator[Layer]) -> Iterator[Leak]:
        """Yield every leak in the layers, with how it was reached."""
        for layer in layers:
            if layer.is_file:
                yield Leak("embedded_file", layer.path)
                continue
            find = search if layer.surely_text else search_raw
            for pseudonym, kind in find(layer.text, self._prepared):
                yield Leak("names_a_person", layer.path, pseudonym, kind)

    def _named(self, layers: Iterator[Layer]) -> list[str]:
        return sorted({leak.pseudonym for leak in self.leaks(layers) if leak.pseudonym})


def scan_text(text: str, registry: Iterable[Protected]) -> list[str]:
    """Return the pseudonyms of everybody whom text names, sorted. Raises LayerLimitError on hostile text."""
    return Scanner(registry).in_text(text)


def scan_bytes(data: bytes, registry: Iterable[Protected]) -> list[str]:
    """Return the pseudonyms of everybody whom any file names, through all layers that can be undone."""
    return Scanner(registry).in_bytes(data)


def check_child(file: BinaryIO, arguments: dict[str, Any], output: BinaryIO) -> dict[str, Any]:
    """Check inside the sandbox: the registry comes through the pipe."""
    report = check(file.read(), arguments["content_type"], from_arguments(arguments["registry"]))
    return {
        "passed": report.passed,
        "findings": [[f.code, f.where, f.pseudonym, f.kind] for f in report.findings],
        "engines": report.engines,
        "not_checked": report.not_checked,
    }


def _findings(data: bytes, kind: str, registry: Sequence[Protected]) -> Iterator[Leak]:
    scanner = Scanner(registry)
    if not data:
        yield Leak("empty", "copy")
    elif kind in _IMAGES:
        yield from (Leak(fault, "picture") for fault in _IMAGES[kind](data))
        yield from scanner.leaks(layers_of_bytes(data))
    elif kind in _TEXTS + _JSON + _MAIL:
        faults = list(_form_faults(data, kind))
        yield from (Leak(fault, "form") for fault in faults)
        layers = layers_of_bytes(data) if "not_utf8" in faults else layers_of_text(data.decode("utf-8"))
        yield from scanner.leaks(layers)
    else:
        yield Leak("unknown_type", "copy")


def _form_faults(data: bytes, kind: str) -> Iterator[str]:
    faults = list(faults_of_text(data))
    yield from faults
    if "not_utf8" in faults:
        return
    if kind in _JSON:
        yield from faults_of_json(data.decode("utf-8"))
    elif kind in _MAIL:
        yield from faults_of_mail(data.decode("utf-8"))
