"""The string formats that a form checks. Each parser raises ValueError; every other `format` is only a hint."""

import datetime
import ipaddress
import re
import uuid
from collections.abc import Callable, Mapping

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_TIME = re.compile(r"\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DURATION = re.compile(
    r"P(?=.)(\d+W|(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?)",
)


def parse_date(text: str) -> object:
    """Parse `2026-01-31` (RFC 3339 full-date)."""
    _demand(_DATE, text)
    return datetime.date.fromisoformat(text)


def parse_time(text: str) -> object:
    """Parse `23:59:00Z` or `23:59:00.5+01:00` (RFC 3339 full-time)."""
    _demand(_TIME, text)
    # A leap second is a time of RFC 3339, but none of Python's.
    return datetime.time.fromisoformat(text.upper().replace(":60", ":59"))


def parse_date_time(text: str) -> object:
    """Parse a date and a full time joined by `T` (RFC 3339; a space is taken too)."""
    return parse_date(text[:10]), parse_time(text[11:]), _demand(re.compile("[Tt ]"), text[10:11])


def parse_duration(text: str) -> object:
    """Parse `P1DT12H` (RFC 3339, appendix A)."""
    return _demand(_DURATION, text)


def parse_email(text: str) -> object:
    """Parse `someone@somewhere`; nothing finer, as only sending a message could tell."""
    return _demand(_EMAIL, text)


def parse_regex(text: str) -> object:
    """Parse a regular expression of Python's dialect."""
    try:
        return re.compile(text)
    except re.error as cause:
        raise ValueError(str(cause)) from cause


def parse_uuid(text: str) -> object:
    """Parse a UUID with its hyphens."""
    if str(uuid.UUID(text)) != text.lower():
        raise ValueError(f"{text!r} is no UUID as 8-4-4-4-12 hexadecimal digits")
    return text


def _demand(pattern: re.Pattern[str], text: str) -> str:
    if pattern.fullmatch(text) is None:
        raise ValueError(f"{text!r} does not match {pattern.pattern}")
    return text


FORMATS: Mapping[str, Callable[[str], object]] = {
    "date": parse_date,
    "time": parse_time,
    "date-time": parse_date_time,
    "duration": parse_duration,
    "email": parse_email,
    "ipv4": ipaddress.IPv4Address,
    "ipv6": ipaddress.IPv6Address,
    "regex": parse_regex,
    "uuid": parse_uuid,
}
