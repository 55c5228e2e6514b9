"""Host and Origin: what is ours and what another site sent."""

import pytest

from ui.access.addresses import LOOPBACK_NAMES, comes_from_elsewhere, host_is_ours, is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "::1", "[::1]", "127.8.9.1"])
def test_loopback_addresses_are_told(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "example.org", "localhost.example.org", ""])
def test_other_addresses_are_not_loopback(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize("header", ["localhost:8501", "127.0.0.1:8501", "[::1]:8501", "Localhost", "127.0.0.1"])
def test_loopback_names_are_ours(header: str) -> None:
    assert host_is_ours(header, LOOPBACK_NAMES)


@pytest.mark.parametrize(
    "header", ["evil.example", "localhost.evil.example:8501", "evil.example:127.0.0.1", "", "user@evil", "[::1", "a b"]
)
def test_rebound_names_are_not_ours(header: str) -> None:
    assert not host_is_ours(header, LOOPBACK_NAMES)


def test_any_name_may_lead_here_where_a_login_is_asked_for() -> None:
    assert host_is_ours("opyard.example.org", None)
    assert not host_is_ours("", None)


@pytest.mark.parametrize(
    ("method", "headers", "elsewhere"),
    [
        ("POST", {"host": "localhost:8501", "origin": "http://localhost:8501"}, False),
        ("POST", {"host": "localhost:8501", "origin": "http://localhost:9000"}, True),
        ("POST", {"host": "localhost:8501", "origin": "http://evil.example"}, True),
        ("POST", {"host": "localhost:8501", "origin": "null"}, True),
        ("POST", {"host": "localhost:8501", "origin": "http://[::1"}, True),
        ("POST", {"host": "localhost:8501", "sec-fetch-site": "cross-site"}, True),
        ("POST", {"host": "localhost:8501", "sec-fetch-site": "same-origin"}, False),
        ("POST", {"host": "localhost:8501"}, False),
        ("DELETE", {"host": "h", "origin": "https://evil.example"}, True),
        ("GET", {"host": "h", "origin": "https://evil.example", "sec-fetch-site": "cross-site"}, False),
        ("POST", {"host": "opyard.example.org", "origin": "https://opyard.example.org"}, False),
    ],
)
def test_requests_of_other_sites_are_told(method: str, headers: dict[str, str], elsewhere: bool) -> None:
    assert comes_from_elsewhere(method, headers) is elsewhere
