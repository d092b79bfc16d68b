"""What the codes of faults mean: those found while a file is read, in the order in which reading goes.

The codes of the linter are explained by the checks themselves (``rules.lints``).
"""

from __future__ import annotations

from collections.abc import Mapping

DOCUMENT: Mapping[str, str] = {
    "file-unreadable": "The file cannot be opened.",
    "not-utf-8": "The file is saved in another encoding than UTF-8.",
    "too-long": "The document, or a condition in it, is longer than anything a person writes.",
    "forbidden-character": "A control character, or a line end that editors do not show, stands in the document.",
    "empty-document": "There is nothing in the file.",
    "syntax": "This is not YAML, or a condition breaks off; the message says what is expected.",
    "tab": "YAML is indented by spaces; a tab stands where they belong.",
    "full-width": "A full-width sign such as ： or ， stands where the ASCII one belongs; quotes say that it is meant.",
    "directive": "Lines that begin with % are not taken.",
    "second-document": "One file holds one document.",
    "alias": "Aliases are not taken: what is written twice is written out twice.",
    "anchor": "Anchors are not taken; a text that begins with & needs quotes.",
    "tag": "Tags are not taken; a condition that begins with ! needs quotes.",
    "merge-key": "Merge keys (<<) are not taken.",
    "key-not-text": "A key is a piece of text, not a list or a mapping.",
    "duplicate-key": "The same key stands twice in one mapping, perhaps once in Chinese and once in English.",
    "too-deep": "Collections, or parentheses of a condition, stand too deep inside each other.",
}

VALUE: Mapping[str, str] = {
    "not-a-mapping": "Keys with values belong here.",
    "not-a-list": "A list belongs here.",
    "not-a-text": "A text belongs here, not a list or a mapping.",
    "unknown-key": "The key means nothing here; the nearest known one is named.",
    "missing-key": "Something without which the rest has no meaning is not written.",
    "not-with": "The key means nothing together with another one that is written.",
    "one-of": "Exactly one of several keys belongs here; none or several are written.",
    "too-few": "There are fewer items than the rule needs.",
    "empty-value": "The key is written without a value.",
    "unknown-value": "The value is none of those that the key takes; the nearest is named.",
    "not-a-boolean": "true or false belongs here.",
    "not-a-number": "A number belongs here, without thousands separators, exponent or full-width digits.",
    "not-a-share": "A share belongs here, such as 5% or 0.05.",
    "out-of-range": "The number, or the order of two instants, is outside of what has a meaning.",
    "not-a-date": "A day of the calendar belongs here, written 2026-02-13.",
    "not-an-instant": "An instant belongs here, written 2026-02-13T10:00:00+08:00.",
    "no-offset": "An instant without its offset from UTC is not the same everywhere.",
    "not-a-limit": "A limit belongs here: a number and a unit, such as 20wd or 5个工作日.",
    "not-a-stage": "A stage is due, legal, an offset such as -2wd, or a share such as 80%.",
    "not-a-locale": "Messages are kept by locale, such as zh-CN or en.",
    "bad-id": "An id is made of letters, digits, points, dashes and underscores.",
    "wrong-type": "The value is not of the type that its field is declared with.",
    "hides-header": "The data of a record has a field of the same name as one of the header.",
}

RULE: Mapping[str, str] = {
    "duplicate-rule": "One id and version is given to two rules.",
    "unknown-kind": "No kind of record of this name is declared, so that nothing could ever match.",
    "unknown-field": "No such field is declared for the records that can stand here.",
}

CONDITION: Mapping[str, str] = {
    "empty": "A condition belongs here.",
    "character": "The character means nothing in a condition.",
    "sign": "The sign is not written so in a condition.",
    "number": "The number is not written as one.",
    "text": "A text in a condition stands in quotes, one on each side, on one line.",
    "escape": "The escape sequence is not known.",
    "null": "There is no null: what is absent is asked with has().",
    "index": "Only the name of a field, in quotes, stands in brackets.",
    "too-large": "The condition has more parts than anything a person writes.",
    "unknown-name": "Conditions at this place know no such name.",
    "bare-name": "A name such as record is no value by itself; one of its fields is.",
    "nested-field": "Fields are selected from names, one level deep.",
    "unknown-function": "There is no such function.",
    "call": "The function is written with other arguments.",
    "nested-macro": "exists and all do not stand inside each other.",
    "variable": "The name of the variable means something else already.",
    "type": "The operands are of types between which the operator has no meaning.",
    "not-boolean": "A condition is true or false; this is of another type.",
    "unit": "Limits of different units are compared.",
    "calendar": "Working days and months need a calendar, which a rule of kind deadline has.",
    "elapsed": "The time between two instants can only be compared with a limit.",
    "now": "now can only be compared with an instant: otherwise nobody knows when to look again.",
    "whole-division": "The quotient of two whole numbers is a whole number where a decimal is expected.",
    "pattern": "The pattern cannot be matched in linear time, or is not a literal.",
    "limit": "The limit inside a condition cannot be read, or is not a literal.",
    "instant": "The instant inside a condition cannot be read, or is not a literal.",
    "date": "The date inside a condition cannot be read, or is not a literal.",
}

REFERENCE: Mapping[str, str] = {
    "duplicate-item": "Two versions of one item take effect at the same instant.",
    "unknown-node": "A region or an org is named that the directory does not have.",
    "overlap": "A region or an org is in the directory twice for the same time.",
    "cycle": "A region or an org lies above itself.",
    "duplicate-person": "Two persons have one id.",
    "account-of-two": "An account belongs to two persons at the same time, so that duties cannot be told apart.",
}

FAULT_CODES: Mapping[str, str] = {**DOCUMENT, **VALUE, **RULE, **CONDITION, **REFERENCE}
"""What every code means that is not one of the linter's."""
