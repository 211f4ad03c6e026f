"""Samples on the page of a data sheet: English beside switched text, replaced words marked."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from polystilts.codeswitch.page.markup import Content, Html, join, mapping_of, shown, tag

_CODE = re.compile("[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


def hues(languages: Iterable[Any]) -> dict[str, int]:
    """Return a hue for each language, in degrees; neighbours by code lie far apart."""
    # the golden angle
    codes = sorted(set(map(str, languages)))
    return {code: round(137.508 * place) % 360 for place, code in enumerate(codes)}


def samples(sheet: Mapping[str, Any]) -> Html | None:
    """Return the samples of a sheet with a legend of their languages, or None if it has none."""
    listed = sheet.get("samples")
    if not isinstance(listed, Sequence) or isinstance(listed, str) or not listed:
        return None
    records = [record for record in listed if isinstance(record, Mapping)]
    used = {event[5] for record in records for part in _texts(record) for event in _events(part)}
    hue = hues({*mapping_of(sheet, "languages"), *used})
    legend = (
        tag("span", tag("span", class_="swatch", style=f"--hue:{hue[code]}"), code)
        for code in sorted(used)
    )
    return join(tag("p", *legend, class_="legend soft"), *(_article(r, hue) for r in records))


def _article(record: Mapping[str, Any], hue: Mapping[str, int]) -> Html:
    about = f"copy {shown(record['copy'])}" if "copy" in record else None
    return tag(
        "article",
        tag("h3", tag("bdi", shown(record.get("id")))),
        tag("span", about, class_="soft") if about else None,
        *(_sides(part, hue) for part in _texts(record)),
    )


def _sides(part: Mapping[str, Any], hue: Mapping[str, int]) -> Html:
    """Return one text twice; a right-to-left word does not turn what stands around it."""
    source, new = _string(part.get("source")), _string(part.get("text"))
    events = _events(part)
    before = [
        (start, end, language, f"{language}: {new[target_start:target_end]}", None)
        for start, end, target_start, target_end, _, language in events
    ]
    after = [
        (start, end, language, f"{language} ← {word}", language)
        for _, _, start, end, word, language in events
    ]
    return tag(
        "div",
        tag("p", *_marked(source, before, hue), dir="auto"),
        tag("p", *_marked(new, after, hue), dir="auto"),
        class_="sides",
    )


def _marked(
    whole: str, spans: Sequence[tuple[int, int, str, str, str | None]], hue: Mapping[str, int]
) -> list[Content]:
    """Return a text with spans marked; a span that overlaps an earlier one is not."""
    found: list[Content] = []
    done = 0
    for start, end, language, tip, label in sorted(spans):
        if not done <= start < end <= len(whole):
            continue
        code = language if label and _CODE.fullmatch(language) else None
        found += [
            whole[done:start],
            tag(
                "mark",
                tag("bdi", whole[start:end], lang=code),
                tag("small", label) if label else None,
                title=tip,
                style=f"--hue:{hue.get(language, 0)}",
            ),
        ]
        done = end
    return [*found, whole[done:]]


def _texts(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    parts = record.get("texts")
    if not isinstance(parts, Sequence):
        return []
    return [part for part in parts if isinstance(part, Mapping)]


def _events(part: Mapping[str, Any]) -> list[tuple[int, int, int, int, str, str]]:
    events = part.get("events")
    return [
        (*event[:4], str(event[4]), str(event[5]))
        for event in (events if isinstance(events, Sequence) else ())
        if isinstance(event, Sequence)
        and len(event) == 6
        and all(isinstance(place, int) for place in event[:4])
    ]


def _string(value: Any) -> str:
    """Return a text; tokens are joined by spaces."""
    return value if isinstance(value, str) else shown(value).replace(", ", " ")
