"""A form in plain Streamlit widgets, from the fields of `form_specs`.

The values live in the session under the form's key. Each widget shows one place; what it gives back is written into the
values, and the form is drawn again, as its fields may depend on them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import streamlit as st

from form_specs import pointers
from form_specs.fields import Field, Option, Section
from form_specs.form import Form
from form_specs.values import ABSENT, Values
from ui.web.speech import t

LONG_TEXT = 200
BIGGEST = 2**53 - 1


class FormState:
    """One drawing of a form: the values as they are, and what the widgets made of them."""

    def __init__(self, form: Form, key: str, language: str) -> None:
        self.form = form
        self.key = key
        self.language = language
        self.values: Values = st.session_state.get(key) or form.load({})
        self.errors: dict[str, list[str]] = {}
        for error in form.check(self.values):
            self.errors.setdefault(error.pointer, []).append(error.text(language))
        self.changed = False

    def put(self, pointer: str, value: Any) -> None:
        """Write a value, or take it away with `ABSENT`."""
        self.keep(self.values.remove(pointer) if value is ABSENT else self.values.set(pointer, value))

    def keep(self, values: Values) -> None:
        """Take over new values; the form is drawn again afterwards."""
        self.values = values
        self.changed = True
        st.session_state[self.key] = values

    def widget_key(self, pointer: str) -> str:
        """The key of the widget at a place. It changes with every change of structure above it."""
        return f"{self.key}:{st.session_state.get(f'{self.key}.round', 0)}:{pointer}"

    def restructure(self) -> None:
        """Forget all widgets: places have moved."""
        st.session_state[f"{self.key}.round"] = st.session_state.get(f"{self.key}.round", 0) + 1


def show_form(form: Form, key: str, language: str) -> Values:
    """Draw a form and give what it holds; errors stand under their fields."""
    state = FormState(form, key, language)
    for section in form.sections(state.values):
        _section(state, section)
    for message in state.errors.get("", []):
        st.caption(f":red[{message}]")
    if state.changed:
        st.rerun()
    return state.values


def _section(state: FormState, section: Section) -> None:
    usual = [field for field in section.fields if not field.hidden and not field.advanced]
    advanced = [field for field in section.fields if not field.hidden and field.advanced]
    if section.advanced:
        usual, advanced = [], [*usual, *advanced]
    if section.id and usual:
        st.markdown(f"**{section.label(state.language)}**", help=section.description(state.language) or None)
    for field in usual:
        show_field(state, field)
    if advanced:
        with st.expander(section.label(state.language) if section.id else t("ui.form.advanced")):
            for field in advanced:
                show_field(state, field)


def show_field(state: FormState, field: Field) -> None:
    """Draw one field with what lies below it, and its errors."""
    _KINDS.get(field.kind, _json)(state, field)
    for message in state.errors.get(field.pointer, []):
        if field.pointer:
            st.caption(f":red[{message}]")


def label_of(state: FormState, field: Field) -> str:
    """The field's label with its unit, and a star where it is required."""
    from form_specs.text import localized

    unit = localized(field.unit, state.language)
    return f"{field.label(state.language)}{f' ({unit})' if unit else ''}{' *' if field.required else ''}"


def _shared(state: FormState, field: Field) -> dict[str, Any]:
    return {
        "label": label_of(state, field),
        "help": field.help(state.language) or None,
        "key": state.widget_key(field.pointer),
        "disabled": field.read_only,
    }


def _hint(field: Field) -> str | None:
    """The default, shown where nothing is filled in."""
    if field.default is ABSENT or field.default is None:
        return None
    return field.default if isinstance(field.default, str) else msgspec.json.encode(field.default).decode()


def _text(state: FormState, field: Field) -> None:
    value = field.value if isinstance(field.value, str) else None
    long = field.widget in ("textarea", "code", "markdown", "sql") or "\n" in (value or str(field.default or ""))
    if long:
        shown = value if value is not None else (field.default if isinstance(field.default, str) else None)
        found = st.text_area(value=shown, height=160, **_shared(state, field))
        value = shown
    else:
        found = st.text_input(value=value, placeholder=_hint(field), **_shared(state, field))
    if found != value:
        state.put(field.pointer, found if found or (found == "" and field.value is not ABSENT and long) else ABSENT)


def _number(state: FormState, field: Field) -> None:
    kind: type[int] | type[float] = int if field.kind == "integer" else float
    value = kind(field.value) if isinstance(field.value, int | float) and not isinstance(field.value, bool) else None
    low, high = _limit(field, "minimum", kind, -BIGGEST), _limit(field, "maximum", kind, BIGGEST)
    if value is not None and not (low <= value <= high):
        # A widget cannot show what is out of its range; the error below says what is wrong.
        low, high = min(low, value), max(high, value)
    found = st.number_input(
        value=value,
        min_value=low,
        max_value=high,
        step=kind(field.constraints.get("multipleOf", 1 if kind is int else 0.1)),
        format=None if kind is int else "%g",
        placeholder=_hint(field),
        **_shared(state, field),
    )
    if found != value:
        state.put(field.pointer, ABSENT if found is None else found)


def _limit(field: Field, name: str, kind: type[Any], otherwise: int) -> Any:
    # An exclusive limit is the check's business: the widget has none.
    return kind(field.constraints.get(name, otherwise))


def _boolean(state: FormState, field: Field) -> None:
    shown = field.value if isinstance(field.value, bool) else bool(field.default is True)
    found = st.checkbox(value=shown, **_shared(state, field))
    if found != shown:
        state.put(field.pointer, found)


def _options(state: FormState, field: Field, options: tuple[Option, ...]) -> None:
    index = next((at for at, option in enumerate(options) if field.present and option.value == field.value), None)
    chosen = st.selectbox(
        options=range(len(options)),
        index=index,
        format_func=lambda at: options[at].label(state.language),
        placeholder=_default_label(state, field, options),
        **_shared(state, field),
    )
    if chosen != index:
        state.put(field.pointer, ABSENT if chosen is None else options[int(chosen)].value)


def _default_label(state: FormState, field: Field, options: tuple[Option, ...]) -> str:
    named = [option.label(state.language) for option in options if option.value == field.default]
    return named[0] if named else t("ui.form.choose")


def _enum(state: FormState, field: Field) -> None:
    _options(state, field, field.choices)


def _column(state: FormState, field: Field) -> None:
    _options(state, field, field.choices) if field.choices else _text(state, field)


def _columns(state: FormState, field: Field) -> None:
    value = list(field.value) if isinstance(field.value, list) else []
    known = [str(option.value) for option in field.choices]
    found = st.multiselect(
        options=[*known, *(name for name in value if name not in known)],
        default=value,
        accept_new_options=not known,
        placeholder=t("ui.form.columns"),
        **_shared(state, field),
    )
    if found != value:
        state.put(field.pointer, found or ABSENT)


def _object(state: FormState, field: Field) -> None:
    if not field.pointer:
        for section in field.sections():
            _section(state, section)
        return
    with st.container(border=True):
        st.markdown(f"**{label_of(state, field)}**", help=field.help(state.language) or None)
        for section in field.sections():
            _section(state, section)


def _array(state: FormState, field: Field) -> None:
    item = field.item
    if item is not None and item.kind == "enum":
        _several(state, field, item)
        return
    with st.container(border=True):
        st.markdown(f"**{label_of(state, field)}**", help=field.help(state.language) or None)
        for child in field.children:
            _removable(state, child)
        if item is not None and st.button(t("ui.form.add"), key=state.widget_key(f"{field.pointer}+")):
            state.restructure()
            state.put(f"{field.pointer}/{len(field.children)}", _fresh(item))


def _several(state: FormState, field: Field, item: Field) -> None:
    value = field.value if isinstance(field.value, list) else []
    at = [index for index, option in enumerate(item.choices) if option.value in value]
    found = st.multiselect(
        options=range(len(item.choices)),
        default=at,
        format_func=lambda index: item.choices[index].label(state.language),
        **_shared(state, field),
    )
    if list(found) != at:
        state.put(field.pointer, [item.choices[int(index)].value for index in found] or ABSENT)


def _map(state: FormState, field: Field) -> None:
    with st.container(border=True):
        st.markdown(f"**{label_of(state, field)}**", help=field.help(state.language) or None)
        for child in field.children:
            _removable(state, child)
        item = field.item
        if item is None:
            return
        name = st.text_input(t("ui.form.new_key"), key=state.widget_key(f"{field.pointer}+"), value="")
        if name and pointers.join(field.pointer, name) not in [child.pointer for child in field.children]:
            state.restructure()
            state.put(pointers.join(field.pointer, name), _fresh(item))


def _removable(state: FormState, child: Field) -> None:
    left, right = st.columns([9, 1], vertical_alignment="bottom")
    with left:
        show_field(state, child)
    with right:
        if st.button("✕", key=state.widget_key(f"{child.pointer}-"), help=t("ui.form.remove"), type="tertiary"):
            state.restructure()
            state.put(child.pointer, ABSENT)


def _fresh(item: Field) -> Any:
    """The value that a new item begins with."""
    if item.default is not ABSENT:
        return item.default
    empty: dict[str, Any] = {"object": {}, "map": {}, "array": [], "tuple": [], "boolean": False, "choice": {}}
    if item.kind in empty:
        return empty[item.kind]
    if item.kind in ("enum", "const") and item.choices:
        return item.choices[0].value
    return item.constraints.get("minimum", 0) if item.kind in ("integer", "number") else ""


def _choice(state: FormState, field: Field) -> None:
    labels = [branch.label(state.language) for branch in field.branches]
    chosen = st.selectbox(
        options=range(len(labels)),
        index=field.selected,
        format_func=lambda at: labels[at],
        placeholder=t("ui.form.choose"),
        **{**_shared(state, field), "key": state.widget_key(f"{field.choice}?")},
    )
    if chosen is not None and chosen != field.selected:
        state.restructure()
        state.keep(state.form.choose(field.choice, int(chosen), state.values))
        return
    if field.chosen is not None and field.chosen.kind not in ("const", "null"):
        show_field(state, field.chosen)


def _fixed(state: FormState, field: Field) -> None:
    """A constant or null: nothing to ask."""


def _json(state: FormState, field: Field) -> None:
    value = "" if field.value is ABSENT else msgspec.json.format(msgspec.json.encode(field.value), indent=2).decode()
    found = st.text_area(value=value, height=120, placeholder=_hint(field), **_shared(state, field))
    if found == value:
        return
    try:
        state.put(field.pointer, msgspec.json.decode(found or "") if found else ABSENT)
    except msgspec.DecodeError as error:
        st.caption(f":red[{t('ui.form.no_json', reason=error)}]")


_KINDS: dict[str, Callable[[FormState, Field], None]] = {
    "text": _text,
    "integer": _number,
    "number": _number,
    "boolean": _boolean,
    "enum": _enum,
    "column": _column,
    "columns": _columns,
    "object": _object,
    "map": _map,
    "array": _array,
    "tuple": _array,
    "choice": _choice,
    "const": _fixed,
    "null": _fixed,
    "json": _json,
}
