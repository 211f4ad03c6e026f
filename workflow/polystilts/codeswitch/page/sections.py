"""The sections of a data sheet's page."""

from collections.abc import Mapping, Sequence
from typing import Any

from polystilts.codeswitch.page.markup import (
    Content,
    Html,
    bar,
    is_mapping,
    is_number,
    join,
    mapping_of,
    named,
    nested,
    pairs,
    percent,
    shown,
    table,
    tag,
)
from polystilts.codeswitch.page.samples import hues

Sheet = Mapping[str, Any]

# what an account line says, and its hue; in the order of the page
_LOSSES = {
    "switched": ("replaced", 150),
    "no_entry": ("no usable translation", 215),
    "self": ("translation is the same word", 275),
    "protected": ("protected", 35),
    "multiword": ("translation of several words", 330),
    "collision": ("would make two words one", 60),
}
# what a measure is called, and what it says
_MEASURES = {
    "share_mixed": ("mixed texts", "share of texts with a switch point"),
    "cmi": ("CMI", "code-mixing index, mean over texts, 0 to 100"),
    "cmi_of_mixed": ("CMI of mixed texts", "the same over mixed texts alone"),
    "c_u": ("C_u", "code-mixing index with switch points, mean over texts, 0 to 100"),
    "c_u_of_mixed": ("C_u of mixed texts", "the same over mixed texts alone"),
    "c_c": ("C_c", "code-mixing index of the corpus, texts taken as independent"),
    "m_index": ("M-index", "0 one language, 1 equal shares of all"),
    "i_index": ("I-index", "share of neighbouring words that differ in language"),
    "switch_point_fraction": ("SPF", "switch points of a text's word borders, mean over texts"),
    "sp_avg": ("SPavg", "switch points a text"),
    "language_entropy": ("language entropy", "bits a word"),
    "span_entropy": ("span entropy", "bits a run of one language"),
    "mean_run": ("mean run", "words a run of one language"),
    "burstiness": ("burstiness", "of run lengths: −1 regular, 0 random, towards 1 bursty"),
    "memory": ("memory", "correlation of the lengths of neighbouring runs"),
}
# the numbers of a copy, from what was read to what became of it; a sheet's file sorts them by name
_OF_A_COPY = (
    "examples",
    "examples_switched",
    "texts",
    "words",
    "words_of_switched_examples",
    "unprotected",
    "eligible",
    "tried",
    "switched",
    "switched_function_words",
    "share_of_function_words",
    "quota",
    "shortfall",
)
# what tells the size of a dictionary, the best first
_SIZES = ("translations", "entries", "pairs", "sources", "words")
# where a check keeps the number that decides, and what it is called
_DECIDING = {
    ("given_length", "cramers_v"): "Cramér's V given the length",
    ("eligible_words", "auc"): "AUC of eligible words",
    ("all_words", "auc"): "AUC of all words",
    ("auc",): "AUC",
    ("auc_of_items",): "AUC within items",
    ("information",): "shared information",
    ("correlation",): "correlation",
    ("context", "given_length", "cramers_v"): "contexts: V",
    ("question", "given_length", "cramers_v"): "questions: V",
}


def leaks_section(leaks: Sheet) -> Html | None:
    """Return each check with the number that decides it; all its numbers open on a click."""
    found: list[Content] = []
    for name, check in leaks.items():
        if not is_mapping(check):
            continue
        facts = []
        for path, label in _DECIDING.items():
            value: Any = check
            for key in path:
                value = value.get(key) if is_mapping(value) else None
            if value is not None and not is_mapping(value):
                facts.append(f"{label} {shown(value)}")
        values = {key: value for key, value in check.items() if key != "passed"}
        summary = tag(
            "summary",
            badge(check.get("passed")),
            tag("strong", named(name)),
            tag("span", "; ".join(facts), class_="soft"),
        )
        found.append(tag("details", summary, nested(values)))
    if not found:
        return None
    note = "Whether what the model is to learn can be read off the switching alone."
    return join(tag("p", note, class_="soft"), *found)


def badge(passed: Any) -> Html:
    """Return the mark of a check that passed, failed, or had nothing to measure."""
    if not isinstance(passed, bool):
        return tag("span", "not measured", class_="badge unknown")
    name = "passed" if passed else "failed"
    return tag("span", name, class_=f"badge {name}")


def account_section(sheet: Sheet) -> Html | None:
    """Return the losses by reason, as a bar and as a table, and the kinds of what was replaced."""
    account = {
        key: value for key, value in mapping_of(sheet, "account").items() if is_number(value)
    }
    lines = {key: account[key] for key in (*_LOSSES, *account) if key in account}
    tried = lines.pop("tried", None) or sum(lines.values())
    if not lines:
        return None
    rows: list[Sequence[Content]] = []
    stack: list[Content] = []
    for place, (key, count) in enumerate(lines.items()):
        label, hue = _LOSSES.get(key, (named(key), 25 * place % 360))
        share = count / tried if tried else 0.0
        swatch = tag("span", class_="swatch", style=f"--hue:{hue}")
        rows.append([join(swatch, label), shown(count), percent(share), bar(share, hue)])
        width = f"--hue:{hue};width:{100 * min(1.0, share):.3f}%"
        stack.append(tag("i", style=width, title=f"{label}: {percent(share)}"))
        if key == "protected":
            for name, number in mapping_of(sheet, "protected_by_class").items():
                if is_number(number):
                    part = number / tried if tried else 0.0
                    label_of_part = tag("span", named(name), class_="part")
                    rows.append([label_of_part, shown(number), percent(part), bar(part, hue)])
    parts: list[Content] = [
        tag("p", f"What became of the {shown(tried)} words that were tried.", class_="soft"),
        tag("div", *stack, class_="stack"),
        table(["", "words", "share", ""], rows),
    ]
    kinds = [
        tag("div", tag("h4", name), pairs(counts))
        for key, name in (("units", "Replaced units"), ("found", "Found in the dictionary as"))
        if (counts := {k: v for k, v in mapping_of(sheet, key).items() if is_number(v)})
    ]
    return join(*parts, tag("div", *kinds, class_="columns") if kinds else None)


def languages_section(languages: Sheet) -> Html | None:
    """Return a line for each language."""
    rows: list[Sequence[Content]] = []
    hue = hues(languages)
    for code, facts in languages.items():
        if not is_mapping(facts):
            continue
        share = facts.get("share_of_switched")
        rows.append(
            [
                join(tag("span", class_="swatch", style=f"--hue:{hue[str(code)]}"), str(code)),
                _size(facts.get("dictionary")),
                percent(facts.get("coverage")),
                shown(facts.get("switched")),
                percent(share),
                bar(share, hue[str(code)]) if is_number(share) else None,
                shown(facts.get("ambiguity")),
            ]
        )
    head = ["language", "translations", "coverage", "replaced", "share", "", "translations a word"]
    return table(head, rows) if rows else None


def replacements_section(listed: Any) -> Html | None:
    """Return the most frequent replacements, in the order of the sheet."""
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        return None
    rows: list[Sequence[Content]] = [
        [
            tag("bdi", shown(record.get("word"))),
            shown(record.get("language")),
            tag("bdi", shown(record.get("replacement"))),
            shown(record.get("count")),
        ]
        for record in listed
        if is_mapping(record)
    ]
    return table(["word", "language", "replacement", "times"], rows, numbers=3) if rows else None


def _size(dictionary: Any) -> Html:
    """Return the first of a dictionary's counts that says how large it is; all of them on hover."""
    if not is_mapping(dictionary):
        return tag("span", shown(dictionary))
    size = next((dictionary[key] for key in _SIZES if key in dictionary), None)
    return tag("span", shown(dictionary if size is None else size), title=shown(dictionary))


def mixing_section(mixing: Sheet) -> Html | None:
    """Return the measures of mixing with what they mean, then the other counts."""
    if not mixing:
        return None
    known = [key for key in _MEASURES if key in mixing]
    rows = [
        [
            join(
                tag("strong", _MEASURES[key][0]), " ", tag("span", _MEASURES[key][1], class_="soft")
            ),
            shown(mixing[key]),
        ]
        for key in known
    ]
    rest = {key: value for key, value in mixing.items() if key not in known}
    return join(table(["measure", "value"], rows) if rows else None, nested(rest))


def copies_section(copies: Any) -> Html | None:
    """Return a line for each copy, which the sheet may list or name."""
    if isinstance(copies, Sequence) and not isinstance(copies, str):
        copies = dict(enumerate(copies))
    if not is_mapping(copies):
        return None
    # a copy may say its number: with an English one in front, the first that is drawn is 1
    records = [(copy.get("copy", name), copy) for name, copy in copies.items() if is_mapping(copy)]
    plain = {key for _, copy in records for key, value in copy.items() if is_number(value)}
    columns = [key for key in _OF_A_COPY if key in plain]
    columns += sorted(plain - {*columns, "copy"})
    if not columns:
        return None
    rows = [
        [str(name), *(_rate_or_count(key, copy.get(key)) for key in columns)]
        for name, copy in records
    ]
    return table(["copy", *map(named, columns)], rows)


def _rate_or_count(key: str, value: Any) -> str:
    return percent(value) if "rate" in key or "share" in key else shown(value)
