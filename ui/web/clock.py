"""Times as the visitor's own clock shows them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st


def local_time(moment: float | None, *, seconds: bool = True) -> str:
    """A moment in the browser's time zone; without the date when it is today. Empty for None."""
    if moment is None:
        return ""
    zone = _zone()
    then = datetime.fromtimestamp(moment, zone)
    if then.date() != datetime.now(zone).date():
        return then.strftime("%Y-%m-%d %H:%M")
    return then.strftime("%H:%M:%S" if seconds else "%H:%M")


def _zone() -> ZoneInfo:
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
