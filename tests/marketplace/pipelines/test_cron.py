"""Cron expressions."""

from __future__ import annotations

import pytest

from marketplace.pipelines.cron import cron_error


@pytest.mark.parametrize(
    "expression",
    ["* * * * *", "0 6 * * 1-5", "*/15 0-6,22 1,15 JAN-mar MON", "59 23 31 12 7", "0 0 1-31/2 * sun", "5/10 * * * *"],
)
def test_what_is_one(expression: str) -> None:
    assert cron_error(expression) is None


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("", "found 0"),
        ("* * * *", "expected 5 fields, found 4"),
        ("* * * * * *", "found 6"),
        ("@daily", "found 1"),
        ("60 * * * *", "minute '60'"),
        ("* 24 * * *", "hour '24'"),
        ("* * 0 * *", "day of month '0'"),
        ("* * * 13 *", "month '13'"),
        ("* * * * 8", "day of week '8'"),
        ("5-1 * * * *", "minute '5-1'"),
        ("*/0 * * * *", "minute '*/0'"),
        ("*/ * * * *", "minute '*/'"),
        ("1,,2 * * * *", "minute ''"),
        ("-1 * * * *", "minute '-1'"),
        ("* * * MON *", "month 'MON'"),
        ("٣ * * * *", "minute '٣'"),
    ],
)
def test_what_is_none(expression: str, said: str) -> None:
    assert said in str(cron_error(expression))
