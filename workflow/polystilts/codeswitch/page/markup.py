"""HTML that is escaped by construction: text becomes markup through `tag` alone."""

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

# what no HTML page may hold: controls, halves of surrogate pairs, non-characters
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_VOID = frozenset(("br", "hr", "meta"))


class Html(str):
    """Markup, as opposed to text that is to be shown as it is."""

    __slots__ = ()


Content = Html | str | None


def text(value: str) -> Html:
    """Return text as markup; what a page may not hold is shown as U+FFFD."""
    return Html(html.escape(_FORBIDDEN.sub("\ufffd", value)))


def join(*children: Content) -> Html:
    """Return the children one after the other; strings that are no markup are escaped."""
    return Html(
        "".join(child if isinstance(child, Html) else text(child) for child in children if child)
    )


def tag(name: str, /, *children: Content, **attributes: str | None) -> Html:
    """Return an element; `class_` stands for `class`, an attribute of None is left out."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{given}>" + ("" if name in _VOID else f"{join(*children)}</{name}>"))


def shown(value: Any) -> str:
    """Return a value of a data sheet as people read it."""
    match value:
        case None | "":
            return "–"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
        case str():
            return value
        case Mapping():
            return ", ".join(f"{key}: {shown(part)}" for key, part in value.items()) or "–"
        case Sequence():
            return ", ".join(shown(part) for part in value) or "–"
        case _:
            return str(value)


def percent(value: Any) -> str:
    """Return a share as a percentage; what is no number as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return shown(value)
    return f"{100 * value:.2f} %"


def named(key: object) -> str:
    """Return the name of a key without underscores."""
    return str(key).replace("_", " ")


def table(head: Sequence[Content], rows: Sequence[Sequence[Content]], numbers: int = 1) -> Html:
    """Return a table; columns from `numbers` on are set to the right."""
    return tag(
        "div",
        tag(
            "table",
            tag("thead", tag("tr", *(_cell("th", c, i >= numbers) for i, c in enumerate(head)))),
            tag("tbody", *(_row(row, numbers) for row in rows)),
        ),
        class_="scroll",
    )


def _row(cells: Sequence[Content], numbers: int) -> Html:
    return tag("tr", *(_cell("td", cell, place >= numbers) for place, cell in enumerate(cells)))


def _cell(name: str, content: Content, number: bool) -> Html:
    return tag(name, content, class_="number" if number else None)


def bar(share: float, hue: int | None = None) -> Html:
    """Return a bar of a share of the width, from 0 to 1."""
    width = 100 * min(1.0, max(0.0, share))
    colour = "" if hue is None else f"--hue:{hue};"
    return tag("div", tag("i", style=f"{colour}width:{width:.2f}%"), class_="bar")


def nested(values: Mapping[str, Any]) -> Html:
    """Return a mapping of whatever depth as lists and tables."""
    plain = {key: value for key, value in values.items() if not isinstance(value, Mapping)}
    deeper = {key: value for key, value in values.items() if isinstance(value, Mapping)}
    lists: list[Content] = []
    wide: list[Content] = []
    for key, value in deeper.items():
        is_list = not any(map(is_mapping, value.values()))
        inner = pairs(value) if is_list else _matrix(value) or nested(value)
        (lists if is_list else wide).append(tag("div", tag("h4", named(key)), inner))
    return join(
        pairs(plain) if plain else None,
        tag("div", *lists, class_="columns") if lists else None,
        *wide,
    )


def pairs(values: Mapping[str, Any]) -> Html:
    """Return names and values as a list of two columns."""
    rows = (join(tag("dt", named(key)), tag("dd", shown(v))) for key, v in values.items())
    return tag("dl", *rows)


def is_mapping(value: Any) -> TypeGuard[Mapping[str, Any]]:
    """Return whether a value of a sheet holds others by name."""
    return isinstance(value, Mapping)


def is_number(value: Any) -> TypeGuard[int | float]:
    """Return whether a value of a sheet is a number, which true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def mapping_of(sheet: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return what a sheet holds under a key, or nothing if that is no mapping."""
    value = sheet.get(key)
    return value if is_mapping(value) else {}


def _matrix(values: Mapping[str, Any]) -> Html | None:
    """Return a table of records that hold plain values; None of anything else."""
    records = list(values.values())
    if not records or not all(isinstance(record, Mapping) for record in records):
        return None
    if any(isinstance(value, Mapping) for record in records for value in record.values()):
        return None
    columns = list(dict.fromkeys(key for record in records for key in record))
    rows = [
        [tag("bdi", str(name)), *(shown(record.get(column)) for column in columns)]
        for name, record in values.items()
    ]
    return table(["", *map(named, columns)], rows)
