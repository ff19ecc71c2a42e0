"""Asks a web server whether it answers; the healthchecks of docker-compose.yml run it too.

    python -m custody.embedded.health 127.0.0.1:8000

It looks at the server only, not at what the page says.
"""

import http.client
import sys

from custody.embedded.addresses import Address, parse


def answers(address: Address) -> bool:
    """Tell whether a web server answers there with anything but a failure of its own."""
    here = address.reachable
    connection = http.client.HTTPConnection(here.host, here.port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if answers(parse(sys.argv[1], variable="the address")) else 1)
