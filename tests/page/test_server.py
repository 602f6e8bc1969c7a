import http.client
import urllib.request

import pytest

from tinyvae.page.server import served


def status(address: str, path: str, host: str | None, method: str = "GET") -> int:
    name = address.split("/")[2]
    connection = http.client.HTTPConnection(name, timeout=10)
    connection.putrequest(method, path, skip_host=True)
    if host is not None:
        connection.putheader("Host", host.replace("PORT", name.split(":")[1]))
    connection.endheaders()
    code = connection.getresponse().status
    connection.close()
    return code


def test_the_page_is_served_on_loopback_with_its_headers():
    with served(b"<p>page</p>") as (address, _):
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(address) as response:
            assert response.read() == b"<p>page</p>"
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize(
    ("path", "host", "method", "code"),
    [
        ("/", "127.0.0.1:PORT", "GET", 200),
        ("/", "localhost:PORT", "HEAD", 200),
        ("/?x=1", "localhost:PORT", "GET", 200),
        ("/", "evil.example", "GET", 421),
        ("/", "127.0.0.1", "GET", 421),
        ("/", None, "GET", 421),
        ("/../config.json", "localhost:PORT", "GET", 404),
        ("/config.json", "localhost:PORT", "GET", 404),
        ("/", "localhost:PORT", "POST", 501),
    ],
)
def test_only_the_page_is_served_and_only_to_its_own_host(path, host, method, code):
    with served(b"page") as (address, _):
        assert status(address, path, host, method) == code


def test_nothing_is_served_any_more_afterwards():
    with served(b"page") as (address, wait):
        wait(0.01)
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(address, timeout=5)
