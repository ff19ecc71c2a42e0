"""Redactor and leak check share no code but the values they pass, and neither is loaded into the other's process."""

import ast
from pathlib import Path

from evidence.redaction import in_sandbox

FOLDER = Path(in_sandbox.__file__).parent
PACKAGE = "evidence.redaction"
VALUES = {f"{PACKAGE}.registry"}


def _imports(module: str) -> set[str]:
    """Modules of the project that one module imports, read from its source."""
    tree = ast.parse((FOLDER / f"{module.rpartition('.')[2]}.py").read_text())
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute, so that this test can follow them"
            name = node.module or ""
            found |= (
                {f"{name}.{alias.name}" for alias in node.names} if name in (PACKAGE, "evidence") else {name}
            )
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name.startswith(("evidence", "custody", "workers"))}


def _closure(module: str) -> set[str]:
    seen: set[str] = set()
    waiting = [f"{PACKAGE}.{module}"]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += _imports(name)
    return seen


def test_the_redactor_and_the_leak_check_share_only_the_registrys_values() -> None:
    assert _closure("redact") & _closure("leak_check") == VALUES


def test_the_values_import_nothing_of_the_project() -> None:
    assert _closure("registry") == VALUES


def test_all_of_the_leak_check_is_reached_and_so_is_all_of_the_redactor() -> None:
    modules = {f"{PACKAGE}.{path.stem}" for path in FOLDER.glob("*.py")} - {
        f"{PACKAGE}.__init__",
        f"{PACKAGE}.in_sandbox",
    }
    assert modules == _closure("redact") | _closure("leak_check")
    assert {name for name in modules if ".leak_" in name} == _closure("leak_check") - VALUES


def test_the_package_itself_imports_nothing_so_that_importing_one_side_does_not_load_the_other() -> None:
    assert _imports(f"{PACKAGE}.__init__") == set()


def test_nothing_here_imports_a_framework_or_opens_files_or_sockets() -> None:
    forbidden = {
        "django",
        "celery",
        "redis",
        "psycopg",
        "subprocess",
        "socket",
        "tempfile",
        "pathlib",
        "os",
        "logging",
    }
    for path in FOLDER.glob("*.py"):
        tree = ast.parse(path.read_text())
        names = {
            a.name.partition(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names
        }
        names |= {(n.module or "").partition(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        assert not names & forbidden, path.name
