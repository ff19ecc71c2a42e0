"""What the client's tests share: a fake server on a socket, a profile folder, a session with a key."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from custody.client.drafts import Session
from custody.client.profile import Profile
from custody.client.server import Server
from custody.proof.signatures import SigningKey
from tests.client.fake_server import TOKEN, FakeServer


@pytest.fixture
def fake() -> Iterator[FakeServer]:
    server = FakeServer()
    yield server
    server.stop()


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return Profile(tmp_path / "profile")


@pytest.fixture
def session(fake: FakeServer, profile: Profile) -> Iterator[Session]:
    key = SigningKey.generate()
    fake.keys[key.keyid] = key
    with Server(fake.address, TOKEN) as server:
        yield Session(server, profile, key, pause=lambda seconds: None)
