"""What to start and where, read once from the environment; nothing is started or written here."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from custody import env
from custody.embedded.addresses import Address, choose_free, parse
from custody.embedded.data_folder import DataFolder

PROJECT = Path(__file__).resolve().parents[2]
# The owner's password never reaches the programs; the settings module is chosen by each program itself.
KEPT_FROM_PROGRAMS = {
    "DJANGO_SETTINGS_MODULE",
    "UNBROKEN_OWNER_DATABASE_URL",
    "UNBROKEN_OWNER_DATABASE_URL_FILE",
}


@dataclass(frozen=True)
class Plan:
    """One system: its folder, its addresses, and the servers it was told to use instead of embedded ones."""

    data: DataFolder
    web: Address
    files: Address
    database_url: str = ""
    owner_url: str = ""
    redis_url: str = ""
    demonstration: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def page(self) -> str:
        """The address of the pages, as a browser on this machine writes it."""
        return self.environment.get("UNBROKEN_PUBLIC_URL", f"http://{self.web.reachable}").rstrip("/") + "/"


def from_environment(*, demonstration: bool) -> Plan:
    """Return the plan for a system that stays: its folder keeps everything, its addresses are known."""
    return Plan(
        data=DataFolder(Path(env.text("UNBROKEN_DATA", str(PROJECT / "var")))),
        web=parse(env.text("UNBROKEN_ADDRESS", "127.0.0.1:8000"), variable="UNBROKEN_ADDRESS"),
        files=parse(env.text("UNBROKEN_FILES_ADDRESS", "127.0.0.1:8001"), variable="UNBROKEN_FILES_ADDRESS"),
        database_url=env.text("DATABASE_URL"),
        owner_url=env.text("UNBROKEN_OWNER_DATABASE_URL"),
        redis_url=env.text("REDIS_URL"),
        demonstration=demonstration,
        environment=for_programs(os.environ),
    )


def for_one_demonstration() -> Plan:
    """Return the plan for a system of one demonstration: fresh folder, free addresses, own servers."""
    shelf = Path(env.text("UNBROKEN_DATA", str(PROJECT / "var"))).absolute()
    number = 1
    while (shelf / f"demo-{number}").exists() or (shelf / "reports" / f"demo-{number}").exists():
        number += 1
    folder = shelf / f"demo-{number}"
    web, files = choose_free(2)
    # Nothing of a real system that this shell may know: neither its servers nor its keys nor its addresses.
    foreign = {name for name in os.environ if name.startswith(("UNBROKEN_", "DATABASE_URL", "REDIS_URL"))}
    environment = {name: value for name, value in for_programs(os.environ).items() if name not in foreign}
    return Plan(data=DataFolder(folder), web=web, files=files, environment=environment)


def shelf_of_reports(plan: Plan) -> Path:
    """Return where the reports of a one-off demonstration stay after its own folder is removed."""
    return plan.data.root.parent / "reports" / plan.data.root.name


def for_programs(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without what the programs must not have."""
    return {name: value for name, value in environ.items() if name not in KEPT_FROM_PROGRAMS}
