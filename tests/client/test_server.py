"""Answers and refusals of the API become values and sentences; the token goes to its own server only."""

import pytest

from custody.client.errors import (
    ClientError,
    NotLoggedOnError,
    ServerRefusedError,
    ServerUnreachableError,
)
from custody.client.server import Server
from tests.client.fake_server import TOKEN, FakeServer


def test_lists_are_read_to_their_last_page(fake: FakeServer) -> None:
    with Server(fake.address, TOKEN) as server:
        assert [row["name"] for row in server.list("people/")] == ["Person 1", "Person 2", "Person 3"]


def test_a_refusal_carries_the_servers_sentence_and_fields(fake: FakeServer) -> None:
    with Server(fake.address, TOKEN) as server, pytest.raises(ServerRefusedError) as raised:
        server.post("uploads/", {"filename": "x", "exhibit_number": "refused"})
    assert raised.value.status == 422
    assert str(raised.value) == "Not so. exhibit_number: This number is refused."


def test_a_missing_token_asks_for_a_log_on(fake: FakeServer) -> None:
    with Server(fake.address) as server, pytest.raises(NotLoggedOnError):
        server.get("me/")


def test_an_answer_that_is_not_json_asks_for_the_address(fake: FakeServer) -> None:
    with Server(fake.address, TOKEN) as server, pytest.raises(ClientError, match="is the address right"):
        server.get("ledger/policy/")


def test_silence_says_that_the_outcome_is_unknown(fake: FakeServer) -> None:
    fake.stop()
    with Server(fake.address, TOKEN) as server, pytest.raises(ServerUnreachableError, match="is not known"):
        server.get("me/")


def test_the_token_is_not_sent_to_another_server(fake: FakeServer) -> None:
    with Server(fake.address, TOKEN) as server, pytest.raises(ClientError, match="another server"):
        server.get("http://127.0.0.1:1/api/v1/me/")


def test_addresses_without_scheme_are_refused() -> None:
    with pytest.raises(ClientError, match="must begin with"):
        Server("example.org")
