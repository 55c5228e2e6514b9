"""Which Host and Origin headers are ours.

On loopback there is no login, so a page elsewhere must not get in by pointing its own name at 127.0.0.1 (DNS
rebinding) or by posting forms across sites. Both are told by headers that a page cannot forge.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def is_loopback(host: str) -> bool:
    """Whether listening on `host` reaches this machine only."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def host_name(header: str) -> str:
    """The name in a Host header without its port, in lower case; empty where the header is none."""
    try:
        return (urlsplit(f"//{header}").hostname or "").lower()
    except ValueError:
        return ""


def host_is_ours(header: str, names: Collection[str] | None) -> bool:
    """Whether a Host header names one of `names`; None means that any name may lead here."""
    name = host_name(header)
    return bool(name) and (names is None or name in names)


def comes_from_elsewhere(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a request that may change something, or opens a socket, was sent by another site's page.

    Programs send neither `Origin` nor `Sec-Fetch-Site`; they are let through to the login.
    """
    if method in SAFE_METHODS:
        return False
    origin = headers.get("origin")
    if origin is not None:
        return _site(origin) != headers.get("host", "").lower()
    return headers.get("sec-fetch-site", "none") not in ("none", "same-origin")


def _site(origin: str) -> str:
    # Only the address is compared: behind a proxy that ends TLS the scheme differs though the site is the same.
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
