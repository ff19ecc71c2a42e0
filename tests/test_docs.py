"""What the documents say is what is there: addresses, settings, findings, files and commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command, get_commands

from custody.proof.findings import FindingCode

PROJECT = Path(__file__).resolve().parent.parent
PAGES = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")])
ALL_TEXT = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
CODE = ("custody", "evidence", "workers", "templates", "tools")
# A variable X may be given as a file by X_FILE; the documents say so once.
VARIABLE = re.compile(r"\bUNBROKEN_[A-Z0-9_]*[A-Z0-9]")
# Words of commands and paths in back quotes: `make demo`, `docs/adr/0001-x.md`, `tests/access`
QUOTED = re.compile(r"`([^`\n]+)`")
PATH = re.compile(
    r"(?:custody|evidence|workers|templates|tests|docs|tools)/[\w./-]*[\w/]|[\w-]+\.(?:md|toml|yml|json)"
)
MAKE = re.compile(r"(?:`|^)make ([a-z][a-z-]*)", re.MULTILINE)
# Names of files inside other files, of one's own making, or of another machine.
ELSEWHERE = frozenset({"custody-proof.json"})


def _sources(*endings: str) -> Iterator[str]:
    for folder in CODE:
        for path in (PROJECT / folder).rglob("*"):
            if path.suffix in endings and "__pycache__" not in path.parts:
                yield path.read_text(encoding="utf-8")


def test_openapi_of_the_documents_is_what_the_server_answers() -> None:
    """Written by `make openapi`."""
    shown = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=shown)
    assert (PROJECT / "docs" / "openapi.yaml").read_text(encoding="utf-8") == shown.getvalue()


def test_every_finding_of_the_verifier_is_explained() -> None:
    text = (PROJECT / "docs" / "proof-format.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\|\s*`([a-z0-9-]+)`", text, re.MULTILINE))
    assert {str(code) for code in FindingCode} - explained == set()
    assert {code for code in explained if "-" in code} - {str(code) for code in FindingCode} == set()


def test_every_variable_is_in_the_documents_and_every_variable_there_is_read() -> None:
    written = set(VARIABLE.findall(ALL_TEXT))
    top = [
        (PROJECT / name).read_text(encoding="utf-8")
        for name in ("docker-compose.yml", "Dockerfile", "Makefile")
    ]
    tests = [path.read_text(encoding="utf-8") for path in (PROJECT / "tests").rglob("*.py")]
    read = {name for text in [*_sources(".py", ".html", ".js"), *top] for name in VARIABLE.findall(text)}
    assert {name.removesuffix("_FILE") for name in read} - written == set()
    assert written - read - {name for text in tests for name in VARIABLE.findall(text)} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_path_and_target_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    missing = {f"make {target}" for target in MAKE.findall(text) if target not in targets}
    for quoted in QUOTED.findall(text):
        for word in quoted.split():
            if (
                PATH.fullmatch(word)
                and word not in ELSEWHERE
                and not any((base / word).exists() for base in (PROJECT, page.parent))
            ):
                missing.add(word)
    for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text):
        if not (page.parent / link).exists():
            missing.add(link)
    assert missing == set()


def test_every_command_of_ours_is_in_the_documents() -> None:
    ours = {name for name, app in get_commands().items() if app in ("custody", "evidence", "workers")}
    assert {name for name in ours if name not in ALL_TEXT} == set()
