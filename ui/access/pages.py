"""The login and setup pages: plain HTML without a script or an outside resource, in both languages."""

from __future__ import annotations

from html import escape
from pathlib import Path
from urllib.parse import urlencode

from form_specs.messages import message

STYLE = Path(__file__).with_name("login.css").read_text(encoding="utf-8")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def language_of(accept_language: str, chosen: str = "") -> str:
    """The page's language: the one chosen by the switch, else the browser's."""
    if chosen in ("en", "zh"):
        return chosen
    return "zh" if accept_language.lower().startswith("zh") else "en"


def login_page(language: str, *, target: str = "/", problem: str = "", name: str = "") -> str:
    """The page that asks for name and password; `target` is where to go afterwards."""
    fields = _field("name", language, "username", name) + _field("password", language, "current-password")
    body = _form("/login", fields, {"next": target}, message("ui.login.submit", language))
    return _page(language, "ui.login.title", "ui.login.about", body, problem, {"next": target})


def setup_page(language: str, *, token: str, problem: str = "", name: str = "") -> str:
    """The page that makes the first account."""
    fields = _field("name", language, "username", name) + _field("password", language, "new-password")
    body = _form("/setup", fields, {"token": token}, message("ui.setup.submit", language))
    return _page(language, "ui.setup.title", "ui.setup.about", body, problem, {"token": token})


def setup_hint_page(language: str, problem: str = "") -> str:
    """The page that says where the setup link is, for those who come before the first account is made."""
    return _page(language, "ui.setup.title", "ui.setup.hint", "", problem, {})


def logout_page(language: str) -> str:
    """The page that asks whether to leave."""
    body = _form("/logout", "", {}, message("ui.logout.submit", language))
    return _page(language, "ui.logout.title", "ui.logout.about", body, "", {})


def _page(language: str, title: str, about: str, body: str, problem: str, query: dict[str, str]) -> str:
    other = "en" if language == "zh" else "zh"
    link = escape("?" + urlencode({**query, "lang": other}))
    warning = f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(message(title, language))} · Opyard</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{escape(message(title, language))}</h1><p>{escape(message(about, language))}</p>{warning}{body}"
        f'<nav><a href="{link}">{escape(message("ui.language.name", other))}</a></nav></main></body></html>'
    )


def _form(action: str, fields: str, hidden: dict[str, str], submit: str) -> str:
    extra = "".join(f'<input type="hidden" name="{key}" value="{escape(value)}">' for key, value in hidden.items())
    return f'<form method="post" action="{action}">{fields}{extra}<button>{escape(submit)}</button></form>'


def _field(name: str, language: str, complete: str, value: str = "") -> str:
    kind = "password" if name == "password" else "text"
    label = escape(message(f"ui.login.{name}", language))
    return (
        f'<label for="{name}">{label}</label><input id="{name}" name="{name}" type="{kind}" required maxlength="200"'
        f' autocomplete="{complete}" value="{escape(value)}">'
    )
