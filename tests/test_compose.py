"""docker-compose.yml and the Dockerfile, without Docker: each program's exact command is started and looked at.

What stands in for Docker: variables are filled in, secrets and volumes are folders of the test, the servers are
the tests' own, and `python` is the one that runs the tests. What this cannot show is that the images build.
"""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from custody.embedded import programs
from custody.embedded.addresses import Address, choose_free
from custody.embedded.plan import PROJECT
from tests.services import Services

SECRETS = ("server_url", "owner_database_url", "database_url", "postgres_password", "secret_key")
PROGRAMS = ("web", "files", "worker", "beat")


def fill_in(text: str, variables: Mapping[str, str]) -> str:
    """Fill in variables as Compose does: ${NAME:-default}, ${NAME:?message}, $$ for a dollar sign."""

    def value(match: re.Match[str]) -> str:
        if match["name"] is None:
            return "$"
        found = variables.get(match["name"], "")
        if not found and match["operator"] == "?":
            raise KeyError(f"{match['name']}: {match['rest']}")
        return found or match["rest"]

    return re.sub(r"\$(?:\$|\{(?P<name>\w+):(?P<operator>[-?])(?P<rest>[^}]*)\})", value, text)


def composition(variables: Mapping[str, str]) -> dict[str, Any]:
    filled = fill_in((PROJECT / "docker-compose.yml").read_text(), variables)
    return dict(yaml.safe_load(filled))


REQUIRED = {
    "UNBROKEN_PUBLIC_URL": "https://evidence.example.org",
    "UNBROKEN_FILES_URL": "https://evidence.example.org/files",
    "UNBROKEN_HOSTS": "evidence.example.org,127.0.0.1",
    "UNBROKEN_AGENCY": "Example Agency",
    "UNBROKEN_LOG_ORIGIN": "evidence.example.org/log",
}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return composition(REQUIRED)["services"]


def test_the_production_set_is_complete(services: dict[str, Any]) -> None:
    assert set(services) == {*PROGRAMS, "roles", "migrate", "postgres", "redis"}


@pytest.mark.parametrize("name", REQUIRED)
def test_what_must_not_be_guessed_must_be_given(name: str) -> None:
    given = {key: value for key, value in REQUIRED.items() if key != name}
    with pytest.raises(KeyError, match=name):
        composition(given)


def test_the_commands_are_those_of_a_developers_machine(services: dict[str, Any]) -> None:
    expected = {
        "web": programs.web(Address("0.0.0.0", 8000)),
        "files": programs.files(Address("0.0.0.0", 8001)),
        "worker": programs.worker(),
        "beat": programs.beat(Path("/data/beat-schedule")),
    }
    for name, command in expected.items():
        assert services[name]["command"] == ["python", *command[1:]]


def test_every_service_that_stays_has_a_healthcheck_and_the_others_end(services: dict[str, Any]) -> None:
    for name, service in services.items():
        stays = name not in {"roles", "migrate"}
        assert ("healthcheck" in service) is stays, name
        assert ("restart" in service) is stays, name


def test_no_secret_stands_in_the_file(services: dict[str, Any]) -> None:
    made_of = composition(REQUIRED)["secrets"]
    assert set(made_of) == set(SECRETS)
    assert all(set(source) == {"file"} for source in made_of.values())
    for name, service in services.items():
        for variable, value in service.get("environment", {}).items():
            if variable.endswith("_FILE"):
                if value == "":
                    continue  # optional: a file that the operator puts beside the keys
                assert value.removeprefix("/run/secrets/") in service["secrets"], (name, variable)
            else:
                assert not re.search(r"PASSWORD|SECRET|KEY|TOKEN|DATABASE_URL", variable), (name, variable)
                assert not re.search(r"://[^/@]*:[^/@]*@", str(value)), (name, variable)


def test_only_the_one_shot_services_know_more_than_the_application_role(services: dict[str, Any]) -> None:
    for name in PROGRAMS:
        assert set(services[name]["secrets"]) == {"database_url", "secret_key"}
        assert not any(
            "OWNER" in variable or "SERVER" in variable for variable in services[name]["environment"]
        )
    assert "server_url" not in services["migrate"]["secrets"]


def test_the_programs_start_after_the_migration_and_run_without_powers(services: dict[str, Any]) -> None:
    for name in PROGRAMS:
        service = services[name]
        assert service["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_only_web_and_files_are_reached_and_only_from_this_machine(services: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:8000:8000"], "files": ["127.0.0.1:8001:8001"]}


def test_the_dockerfile_copies_only_what_exists_and_the_context_lets_it_through() -> None:
    let_through = {
        line[1:] for line in (PROJECT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    }
    copied: set[str] = set()
    for line in (PROJECT / "Dockerfile").read_text().splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            copied |= set(line.split()[1:-1])
    assert copied == let_through
    assert [name for name in sorted(copied) if not (PROJECT / name).exists()] == []


def test_the_image_has_every_package_of_ours() -> None:
    text = (PROJECT / "Dockerfile").read_text()
    for package in PROJECT.iterdir():
        if (package / "__init__.py").exists() and package.name != "tests":
            assert f"COPY {package.name} {package.name}\n" in text


def test_the_image_is_installed_by_the_same_installer_as_a_developers_machine() -> None:
    [pinned] = re.findall(r"^UV_VERSION := (\S+)$", (PROJECT / "Makefile").read_text(), flags=re.MULTILINE)
    assert f"uv=={pinned}\n" in (PROJECT / "Dockerfile").read_text()


def test_the_image_does_not_run_as_root() -> None:
    users = re.findall(r"^USER (\S+)$", (PROJECT / "Dockerfile").read_text(), flags=re.MULTILINE)
    assert users == ["unbroken"]


class Container:
    """One service's command, started as Compose would, on this machine."""

    def __init__(self, name: str, service: dict[str, Any], *, folder: Path, services: Services) -> None:
        self.name = name
        self.service = service
        self.mounts = {"/data": folder / "data", "/keys": folder / "keys", "/run/secrets": folder / "secrets"}
        self.log = folder / f"{name}.log"
        self.environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "UNBROKEN_DATA": str(self.mounts["/data"]),
            "UNBROKEN_KEYS": str(self.mounts["/keys"]),
            "HOSTNAME": os.uname().nodename,
            **{key: self.mount(str(value)) for key, value in service["environment"].items()},
        }
        if "REDIS_URL" in self.environment:
            self.environment["REDIS_URL"] = services.redis_url

    def mount(self, text: str) -> str:
        for inside, outside in self.mounts.items():
            if text == inside or text.startswith(inside + "/"):
                return str(outside) + text.removeprefix(inside)
        return text

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            env=self.environment,
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def start(self) -> None:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [self.mount(word) for word in self.service["command"]],
                env=self.environment,
                cwd=PROJECT,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def healthy(self) -> bool:
        kind, *test = self.service["healthcheck"]["test"]
        if kind == "CMD-SHELL":
            test = ["sh", "-c", test[0].replace("/data", str(self.mounts["/data"]))]
        return self.run(test).returncode == 0

    def until(self, condition: Callable[[], bool], seconds: float = 150) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert self.process.poll() is None, f"{self.name} ended:\n{self.log.read_text()}"
            assert time.monotonic() < end, f"{self.name} did not come up:\n{self.log.read_text()}"
            time.sleep(0.2)

    def stop(self) -> int:
        self.process.terminate()
        try:
            return self.process.wait(timeout=60)
        finally:
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def machine(
    tmp_path_factory: pytest.TempPathFactory, running_services: Services
) -> Iterator[Callable[[str], Container]]:
    """Return what makes a container of a service, on a folder and a database that all of them share."""
    folder = tmp_path_factory.mktemp("compose")
    for name in ("data", "keys", "secrets"):
        (folder / name).mkdir(mode=0o700)
    values = {
        "server_url": running_services.admin_url,
        "owner_database_url": running_services.environment()["UNBROKEN_OWNER_DATABASE_URL"],
        "database_url": running_services.environment()["DATABASE_URL"],
        "secret_key": "a secret key of the tests, which protects nothing but the tests",
    }
    for name, value in values.items():
        (folder / "secrets" / name).write_text(value)
    web, files = choose_free(2)
    ports = {"UNBROKEN_WEB_PORT": str(web.port), "UNBROKEN_FILES_PORT": str(files.port)}
    filled = composition(REQUIRED | ports)["services"]
    started: list[Container] = []

    def make(name: str) -> Container:
        made = Container(name, filled[name], folder=folder, services=running_services)
        started.append(made)
        return made

    yield make
    for one in started:
        if getattr(one, "process", None) is not None and one.process.poll() is None:
            one.stop()


def test_the_roles_and_the_tables_are_made_by_the_one_shot_services(
    machine: Callable[[str], Container],
) -> None:
    for name in ("roles", "migrate"):
        container = machine(name)
        done = container.run(container.service["command"])
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("name", "status"), [("web", {200, 302}), ("files", {404})])
def test_a_web_server_comes_up_answers_and_stops(
    machine: Callable[[str], Container], name: str, status: set[int]
) -> None:
    container = machine(name)
    assert not container.healthy()
    container.start()
    container.until(container.healthy)
    port = container.service["healthcheck"]["test"][-1].rpartition(":")[2]
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=10)
    # As the proxy in front would say it; without this header the pages send everybody to https.
    connection.request("GET", "/", headers={"Host": "evidence.example.org", "X-Forwarded-Proto": "https"})
    assert connection.getresponse().status in status
    connection.close()
    assert container.stop() == 0


def test_the_worker_comes_up_hears_the_bell_and_stops(machine: Callable[[str], Container]) -> None:
    container = machine("worker")
    container.start()
    container.until(lambda: " ready." in container.log.read_text())
    assert container.healthy()
    assert container.stop() == 0


def test_the_clock_comes_up_writes_its_schedule_and_stops(machine: Callable[[str], Container]) -> None:
    container = machine("beat")
    assert not container.healthy()
    container.start()
    container.until(container.healthy)
    assert container.stop() == 0


def test_made_secrets_fit_the_file_and_are_never_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    command = [sys.executable, str(PROJECT / "tools" / "make_secrets.py"), str(folder)]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    first = {path.name: path.read_text() for path in folder.iterdir()}
    assert set(first) == set(SECRETS)
    assert first["postgres_password"] in first["server_url"]
    assert folder.stat().st_mode & 0o077 == 0
    (folder / "secret_key").unlink()
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    second = {path.name: path.read_text() for path in folder.iterdir()}
    assert first.pop("secret_key") != second.pop("secret_key")
    assert first == second


def test_the_browser_parts_are_locked_without_addresses_and_run_no_scripts() -> None:
    lock = json.loads((PROJECT / "package-lock.json").read_text())
    assert not [name for name, part in lock["packages"].items() if "resolved" in part]
    assert all("integrity" in part for name, part in lock["packages"].items() if name)
    assert "ignore-scripts=true" in (PROJECT / ".npmrc").read_text().splitlines()
