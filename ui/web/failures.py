"""What a visitor sees when a page fails."""

from __future__ import annotations

import logging

import streamlit as st

from form_specs.errors import FormError
from marketplace.errors import MarketplaceError
from operators.errors import OperatorsError
from scheduler.errors import SchedulerError
from ui.errors import UiError
from ui.web.speech import t

logger = logging.getLogger("opyard.web")


def explain(error: Exception) -> bool:
    """Show an error of ours as its message, any other as an unexpected one that is in the server's log.

    Always True: Streamlit then shows nothing of its own.
    """
    if isinstance(error, FormError | OperatorsError | MarketplaceError | SchedulerError | UiError):
        st.error(str(error))
    else:
        logger.error("A page failed.", exc_info=error)
        st.error(t("ui.error.unexpected", kind=type(error).__name__, message=error))
    return True
