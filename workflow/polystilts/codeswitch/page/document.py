"""The page of a data sheet: what became of a corpus, for people to look at, in one offline file."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from polystilts.codeswitch.page.markup import (
    Content,
    Html,
    is_mapping,
    mapping_of,
    pairs,
    percent,
    shown,
    tag,
)
from polystilts.codeswitch.page.samples import samples
from polystilts.codeswitch.page.sections import (
    account_section,
    badge,
    copies_section,
    languages_section,
    leaks_section,
    mixing_section,
    replacements_section,
)
from polystilts.codeswitch.page.style import STYLE

Sheet = Mapping[str, Any]

# neither scripts nor requests, whatever a text may hold
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_WHOLES = {
    "words": "of all words",
    "unprotected": "of unprotected words",
    "eligible": "of eligible words",
}


def render(sheet: Sheet, title: str) -> str:
    """Return the page of a data sheet; what the sheet lacks is left out."""
    sections = {
        "Leak checks": leaks_section(mapping_of(sheet, "leaks")),
        "Account": account_section(sheet),
        "Languages": languages_section(mapping_of(sheet, "languages")),
        "Most frequent replacements": replacements_section(sheet.get("replacements")),
        "Mixing": mixing_section(mapping_of(sheet, "mixing")),
        "Copies": copies_section(sheet.get("copies")),
        "Recipe": pairs(recipe) if (recipe := mapping_of(sheet, "recipe")) else None,
        "Samples": samples(sheet),
    }
    there = {name: content for name, content in sections.items() if content}
    about = [shown(sheet[key]) for key in ("dataset", "family", "treatment") if sheet.get(key)]
    links = (tag("a", name, href=f"#{_anchor(name)}") for name in there)
    return "<!DOCTYPE html>\n" + tag(
        "html",
        tag(
            "head",
            tag("meta", charset="utf-8"),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
            tag("title", title),
            tag("style", Html(STYLE)),
        ),
        tag(
            "body",
            tag(
                "header",
                tag("h1", title, dir="auto"),
                tag("p", " · ".join(about), class_="soft") if about else None,
                _headline(sheet),
                _warnings(sheet.get("warnings")),
            ),
            tag("nav", tag("div", *links)) if there else None,
            tag(
                "main",
                *(
                    tag("section", tag("h2", name), content, id=_anchor(name))
                    for name, content in there.items()
                ),
            ),
        ),
        lang="en",
    )


def _headline(sheet: Sheet) -> Html | None:
    recipe = mapping_of(sheet, "recipe")
    cards: list[Content] = []
    if "examples" in sheet:
        switched = sheet.get("examples_switched")
        note = None if switched is None else f"{shown(switched)} of them with replaced words"
        cards.append(_card(shown(sheet["examples"]), "examples", note))
    if "words" in sheet:
        eligible = sheet.get("eligible")
        note = None if eligible is None else f"{shown(eligible)} could be replaced"
        cards.append(_card(shown(sheet["words"]), "words", note))
    of = str(recipe.get("rate_of", "words"))
    if "rate" in recipe:
        notes = [_WHOLES.get(of)]
        if recipe.get("examples", 1.0) != 1.0:
            notes.append(f"in {percent(recipe['examples'])} of the examples")
        note = " ".join(filter(None, notes)) or None
        cards.append(_card(percent(recipe["rate"]), "asked for", note))
    asked = "realised_rate" if of == "words" else f"realised_rate_of_{of}"
    for key, name in (
        ("realised_rate", "of all words replaced"),
        ("realised_rate_of_unprotected", "of unprotected words replaced"),
        ("realised_rate_of_eligible", "of eligible words replaced"),
    ):
        if key in sheet:
            note = "what was asked for is a share of these" if key == asked else None
            cards.append(_card(percent(sheet[key]), name, note))
    if sheet.get("share_of_function_words") is not None:
        name = "of the replaced words are function words"
        cards.append(_card(percent(sheet["share_of_function_words"]), name))
    for key, name in (
        ("shortfall", "words short of the quotas"),
        ("coverage", "of words have a translation"),
        ("ambiguity", "translations a replaced word"),
    ):
        if sheet.get(key) is not None:
            value = sheet[key]
            is_share = key == "coverage"
            cards.append(_card(percent(value) if is_share else shown(value), name))
    results = [
        check.get("passed") for check in mapping_of(sheet, "leaks").values() if is_mapping(check)
    ]
    if results:
        known = [result for result in results if isinstance(result, bool)]
        overall = all(known) if known else None
        note = f"{sum(known)} of {len(known)} passed"
        if len(known) < len(results):
            note += f", {len(results) - len(known)} not measured"
        cards.append(_card(tag("a", badge(overall), href="#leak-checks"), "leak checks", note))
    return tag("div", *cards, class_="cards") if cards else None


def _card(value: Content, name: str, note: str | None = None) -> Html:
    return tag(
        "div",
        tag("b", value),
        tag("span", name),
        tag("span", note) if note else None,
        class_="card",
    )


def _warnings(warnings: Any) -> Html | None:
    if not isinstance(warnings, Sequence) or isinstance(warnings, str) or not warnings:
        return None
    items = (tag("li", shown(warning), dir="auto") for warning in warnings)
    return tag("div", tag("strong", "Warnings"), tag("ul", *items), class_="warnings")


def _anchor(name: str) -> str:
    return re.sub("[^a-z]+", "-", name.lower())
