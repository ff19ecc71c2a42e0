"""Write the list of attacks into docs/threat-model.md: python -m tests.attacks.named"""

import re
from pathlib import Path

from tests.attacks.named import attacks, telling

PAGE = Path(__file__).resolve().parents[3] / "docs" / "threat-model.md"
BEGIN = "<!-- attacks: begin (python -m tests.attacks.named) -->"
END = "<!-- attacks: end -->"
# Identifiers and hashes are made anew for each run: UUIDs, key ids, base64 and hexadecimal digits of 32 bytes.
_RANDOM = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{64}\b|(?<![\w/+-])[\w+/-]{43}(?:=|(?![\w/+-]))"
)


def section() -> str:
    """Give the table, without its markers."""
    lines = ["| No. | Attack | Who | Threat | The verifier says |", "| --- | --- | --- | --- | --- |"]
    for attack in attacks():
        attempt = attack.attempt()
        verdict = attempt.verdict()
        found = telling(verdict, attempt.codes[0])
        said = _RANDOM.sub("…", found.sentence).replace("|", "\\|").replace("\n", " ")
        told = f"{str(verdict.outcome).upper()}, step {found.step}: “{said}” (`{found.code}`)"
        lines.append(f"| {attack.number} | {attack.sentence} | {attack.who} | T{attack.threat} | {told} |")
    return "\n".join(lines) + "\n"


def on_the_page() -> str:
    """Give the table that the document has now."""
    return PAGE.read_text("utf-8").partition(f"{BEGIN}\n")[2].partition(END)[0]


def main() -> None:
    before, _, rest = PAGE.read_text("utf-8").partition(f"{BEGIN}\n")
    PAGE.write_text(f"{before}{BEGIN}\n{section()}{END}{rest.partition(END)[2]}", "utf-8")


if __name__ == "__main__":
    main()
