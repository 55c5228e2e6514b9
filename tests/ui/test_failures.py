"""What a visitor sees when a page fails."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from marketplace.settings import load_settings
from scheduler.application import open_application
from ui.web import application


@pytest.fixture(autouse=True)
def shared(tmp_path: Path) -> Iterator[None]:
    opened = open_application(load_settings({}, home=tmp_path), start_engine=False)
    application.share(opened)
    yield
    application._shared.clear()
    opened.close()


def ours() -> None:
    from marketplace.errors import DatabaseUnavailable
    from ui.web.failures import explain

    assert explain(DatabaseUnavailable("The database does not answer."))


def another() -> None:
    from ui.web.failures import explain

    assert explain(ZeroDivisionError("division by zero"))


def test_an_error_of_ours_is_shown_as_its_message() -> None:
    shown = AppTest.from_function(ours, default_timeout=30).run()
    assert [error.value for error in shown.error] == ["The database does not answer."]


def test_any_other_error_is_shown_in_short_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    shown = AppTest.from_function(another, default_timeout=30).run()
    assert "ZeroDivisionError" in shown.error[0].value
    assert "division by zero" in caplog.text


def test_pages_without_an_application_say_how_to_start_them() -> None:
    application._shared.clear()
    with pytest.raises(RuntimeError, match="opyard up"):
        application.application()
