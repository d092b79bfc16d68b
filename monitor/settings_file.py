"""Settings as read from a file, the environment and the command line, each over the one before.

What is wrong is refused all together, by name, at its line, with the nearest name there is. No value is ever
repeated in a fault: it may be a password.
"""

from __future__ import annotations

import contextlib
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_origin

import msgspec
from msgspec.structs import fields

from monitor import failpoints
from monitor.errors import MonitorError
from monitor.setting import Setting, every_setting, inner_table
from monitor.settings import Settings, Table
from monitor.toml_places import Path as KeyPath
from monitor.toml_places import Places, find_places
from rules.errors import Location
from rules.faults import Fault, sort_faults
from rules.reading import nearest

PREFIX = "JIANCHA_"
FILE_VARIABLE = "JIANCHA_CONFIG"
NO_SETTINGS = {FILE_VARIABLE, failpoints.VARIABLE}


class SettingsRefused(MonitorError):
    """The settings are wrong."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = sort_faults(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


def load_settings(
    file: str | None = None,
    environ: Mapping[str, str] | None = None,
    given: Mapping[str, object] | None = None,
) -> Settings:
    """The settings of ``file`` (default: the one that ``JIANCHA_CONFIG`` names), under ``environ``, under ``given``.

    ``given`` holds what the command line says, by setting name. Raises SettingsRefused with every fault there is.
    """
    environ = environ or {}
    reading = _Reading(file or environ.get(FILE_VARIABLE) or "settings")
    tree = reading.file() if file or environ.get(FILE_VARIABLE) else {}
    reading.environment(environ, tree)
    reading.command_line(given or {}, tree)
    reading.refuse()
    settings = msgspec.convert(tree, Settings)
    reading.contradictions(settings)
    reading.refuse()
    return settings


class _Reading:
    """One reading of settings: the faults found so far and where the keys of the file stand."""

    def __init__(self, file: str) -> None:
        self.path = file
        self.places = Places({})
        self.faults: list[Fault] = []

    def refuse(self) -> None:
        if self.faults:
            raise SettingsRefused(self.faults)

    def fault(self, code: str, message: str, location: Location, fix: str | None = None) -> None:
        self.faults.append(Fault(code, message, location, fix))

    def at(self, path: KeyPath) -> Location:
        """The place of a key of the file."""
        return Location(self.path, self.places.line(path), field=dotted(path))

    # --- the file ------------------------------------------------------------------------------------------------

    def file(self) -> dict[str, Any]:
        """The file as a tree that holds only what is right."""
        try:
            text = Path(self.path).read_bytes().decode()
            self.places = find_places(text)
            return self.table(Settings, tomllib.loads(text), ())
        except OSError as error:
            self.fault("file-unreadable", error.strerror or "cannot be read", Location(self.path))
        except UnicodeDecodeError as error:
            self.fault("not-utf-8", f"byte {error.start} is not UTF-8", Location(self.path), "save the file as UTF-8")
        except RecursionError:
            self.fault("too-deep", "lists or tables stand too deep inside each other", Location(self.path))
        except ValueError as error:
            self.fault("syntax", str(error), _place_in(str(error), self.path))
        return {}

    def table(self, kind: type[Table], table: Mapping[str, object], path: KeyPath) -> dict[str, Any]:
        """A table of the file, key by key."""
        known = {field.name: field for field in fields(kind)}
        for key in table.keys() - known.keys():
            self.unknown_key(key, known, path)
        for field in known.values():
            if field.required and field.name not in table:
                self.fault("missing-key", f"{field.name!r} is missing", self.at(path), f"{field.name} = …")
        found = {}
        for name in known.keys() & table.keys():
            found.update(self.value(name, known[name], table[name], (*path, name)))
        return found

    def value(self, name: str, field: msgspec.structs.FieldInfo, value: object, path: KeyPath) -> dict[str, Any]:
        """What stands under one key, as a tree of one key, or of none where it is wrong."""
        inner, listed = inner_table(field)
        if inner is None:
            setting = Setting(tuple(str(part) for part in path), field)
            return self.converted(setting, value, self.at(path), name)
        if listed and isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return {name: [self.table(inner, item, (*path, index)) for index, item in enumerate(value)]}
        if not listed and isinstance(value, dict):
            return {name: self.table(inner, value, path)}
        header = f"[[{dotted(path)}]]" if listed else f"[{dotted(path)}]"
        self.fault("not-a-table", f"must be {header}", self.at(path), header)
        return {}

    def unknown_key(self, key: str, known: Iterable[str], path: KeyPath) -> None:
        """Refuse a key, with the nearest of its table, else the nearest anywhere."""
        here = {name: dotted((*path, name)) for name in known}
        elsewhere = {name: setting.name for setting in every_setting() for name in (setting.name, setting.path[-1])}
        guess = nearest(key, here)
        fix = here[guess] if guess else elsewhere.get(nearest(key, elsewhere) or "")
        hint = f"did you mean {fix}?" if fix else f"known here: {', '.join(here)}"
        self.fault("unknown-key", f"there is no such setting; {hint}", self.at((*path, key)), fix)

    # --- one value -----------------------------------------------------------------------------------------------

    def converted(
        self, setting: Setting, value: object, place: Location, name: str, *, strict: bool = True
    ) -> dict[str, Any]:
        """The value as the model wants it, under its name; nothing, and a fault, where it cannot be that."""
        try:
            return {name: msgspec.convert(value, setting.field.type, strict=strict)}
        except msgspec.ValidationError:
            self.fault("wrong-value", f"must be {setting.wanted}", place, _fix(setting, value))
        return {}

    # --- over the file -------------------------------------------------------------------------------------------

    def environment(self, environ: Mapping[str, str], tree: dict[str, Any]) -> None:
        """Set what the variables say."""
        known = {setting.variable: setting for setting in every_setting() if setting.variable}
        for variable in sorted({name for name in environ if name.startswith(PREFIX)} - NO_SETTINGS):
            place = Location("environment", field=variable)
            if variable not in known:
                guess = nearest(variable, [*known, FILE_VARIABLE])
                hint = f"; did you mean {guess}?" if guess else ""
                self.fault("unknown-variable", f"no setting has this variable{hint}", place, guess)
                continue
            self.put(known[variable], _from_text(known[variable], environ[variable]), place, tree)

    def command_line(self, given: Mapping[str, object], tree: dict[str, Any]) -> None:
        """Set what the command line says."""
        known = {setting.name: setting for setting in every_setting()}
        for name, value in given.items():
            self.put(known[name], value, Location("command line", field=name), tree)

    def put(self, setting: Setting, value: object, place: Location, tree: dict[str, Any]) -> None:
        """Set one value in the tree; a text may stand for a number."""
        for table in setting.path[:-1]:
            tree = tree.setdefault(table, {})
        tree.update(self.converted(setting, value, place, setting.path[-1], strict=False))

    def contradictions(self, settings: Settings) -> None:
        """Refuse what is wrong together."""
        for name, message in settings.contradictions():
            self.fault("contradiction", message, self.at(tuple(name.split("."))))


def dotted(path: KeyPath) -> str:
    """A path as people write it, items of a list counted from one: ``sources[1].name``."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _fix(setting: Setting, value: object) -> str | None:
    """What to write instead of a text that will not do."""
    if not isinstance(value, str):
        return None
    if setting.choices:
        return nearest(value, setting.choices)
    with contextlib.suppress(msgspec.ValidationError):
        return str(msgspec.convert(value, setting.field.type, strict=False))
    return None


def _from_text(setting: Setting, text: str) -> object:
    """A variable's text, taken apart where a list is wanted, as in ``PATH``."""
    if get_origin(setting.kind) is not tuple:
        return text
    return text.split(os.pathsep) if text else []


def _place_in(message: str, file: str) -> Location:
    """The place that the TOML parser names in its sentence; the file alone where it says "at end of document"."""
    found = re.search(r"at line (\d+), column (\d+)", message)
    return Location(file, int(found[1]), int(found[2])) if found else Location(file)
