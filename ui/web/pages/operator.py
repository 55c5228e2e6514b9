"""The page of one operator: documentation, ports, versions, and its form to try."""

from __future__ import annotations

import re
from typing import Any

import streamlit as st

from form_specs.form import Form
from marketplace.errors import OperatorUnknown
from ui.views.operators import operator_page
from ui.web import places
from ui.web.application import application
from ui.web.form import show_form
from ui.web.pages.catalogue import category_name, type_name
from ui.web.speech import language, t


def show() -> None:
    """Show the operator that the address names."""
    shelf = application().catalogue
    identifier = st.query_params.get("id", "")
    places.link("catalogue", f"← {t('ui.catalogue.title')}")
    try:
        versions = shelf.versions(identifier)
        package = shelf.get(identifier, _version(versions))
    except OperatorUnknown as error:
        st.error(str(error))
        return
    page = operator_page(package, versions, language())
    _head(page)
    left, right = st.columns([3, 2], gap="large")
    with left:
        _ports(page)
        if page["readme"]:
            st.markdown(_without_ports(page["readme"]))
    with right:
        _form(page)


def _version(versions: Any) -> str | None:
    wanted = st.query_params.get("version")
    return wanted if wanted in versions else None


def _head(page: dict[str, Any]) -> None:
    st.title(page["title"], anchor=False)
    st.markdown(page["summary"])
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(category_name(page["category"]), color="blue")
        for tag in page["tags"]:
            st.badge(tag, color="gray")
        st.caption(f"`{page['id']}` {page['version']}")
        if len(page["versions"]) > 1:
            chosen = st.selectbox(
                t("ui.operator.versions"),
                page["versions"],
                page["versions"].index(page["version"]),
                label_visibility="collapsed",
                width=140,
            )
            if chosen != page["version"]:
                st.query_params["version"] = chosen
                st.rerun()
    if page["deprecated"]:
        st.warning(page["deprecated"])


def _ports(page: dict[str, Any]) -> None:
    for head, ports in (("ui.operator.inputs", page["inputs"]), ("ui.operator.outputs", page["outputs"])):
        if ports:
            st.markdown(f"#### {t(head)}")
            st.markdown("\n".join(_port_line(port) for port in ports))


def _port_line(port: dict[str, Any]) -> str:
    notes = [type_name(port["type"])]
    notes += [t("ui.port.many")] if port["many"] else []
    notes += [] if port["required"] else [t("ui.port.optional")]
    about = port["summary"] or port["title"]
    return f"- `{port['name']}` ({', '.join(notes)}){': ' + about if about else ''}"


def _form(page: dict[str, Any]) -> None:
    st.markdown(f"#### {t('ui.operator.form')}")
    form = Form.from_schema(page["parameters"])
    if not form.fields():
        st.caption(t("ui.operator.no_parameters"))
        return
    st.caption(t("ui.operator.form_about"))
    key = f"operator.{page['id']}@{page['version']}"
    with st.container(border=True):
        values = show_form(form, key, language())
    with st.expander(t("ui.operator.as_json")):
        st.json(form.dump(values) or {})


def _without_ports(readme: str) -> str:
    """The documentation without its title and its lists of ports: the page has those already, in both languages."""
    sections = re.split(r"^(?=## )", readme, flags=re.MULTILINE)
    kept = [each for each in sections if not re.match(r"## (Inputs|Outputs)\s*$", each, re.MULTILINE)]
    return re.sub(r"\A\s*# .*\n", "", "".join(kept))
