"""The addresses `up` is given or chooses."""

import socket

import pytest

from custody.embedded.addresses import Address, choose_free, parse, require_free
from custody.embedded.errors import AddressInUseError, StartError


def test_an_address_is_read_and_written_back() -> None:
    for text in ("127.0.0.1:8000", "[::1]:8000", "localhost:80"):
        assert str(parse(text, variable="UNBROKEN_ADDRESS")) == text


@pytest.mark.parametrize(
    "text", ["8000", "127.0.0.1:", ":8000", "127.0.0.1:http", "127.0.0.1:0", "127.0.0.1:65536"]
)
def test_what_is_no_address_is_refused_with_the_name_of_the_variable(text: str) -> None:
    with pytest.raises(StartError, match="UNBROKEN_ADDRESS must look like"):
        parse(text, variable="UNBROKEN_ADDRESS")


def test_an_address_for_every_interface_is_reached_on_this_machine() -> None:
    assert Address("0.0.0.0", 8000).reachable == Address("127.0.0.1", 8000)
    assert Address("127.0.0.1", 8000).reachable == Address("127.0.0.1", 8000)


def test_a_taken_address_is_refused_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = Address("127.0.0.1", other.getsockname()[1])
        with pytest.raises(AddressInUseError, match=f"listens on {taken}.*\n.*UNBROKEN_ADDRESS="):
            require_free(taken, variable="UNBROKEN_ADDRESS")
    require_free(taken, variable="UNBROKEN_ADDRESS")


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(StartError, match=r"UNBROKEN_ADDRESS=192\.0\.2\.1:8000 cannot be used"):
        require_free(Address("192.0.2.1", 8000), variable="UNBROKEN_ADDRESS")


def test_chosen_addresses_are_free_and_different() -> None:
    chosen = choose_free(3)
    assert len(set(chosen)) == 3
    for address in chosen:
        require_free(address, variable="UNBROKEN_ADDRESS")
