"""Settings: defaults, file under environment under command line, and everything wrong refused together."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.setting import Setting, every_setting
from monitor.settings import Settings, Store
from monitor.settings_file import SettingsRefused, load_settings
from rules.faults import Fault

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "deploy/docs/settings.md"
EXAMPLE = ROOT / "deploy/settings.example.toml"

Write = Callable[[str], str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a settings file and answers its path."""

    def write(text: str) -> str:
        path = tmp_path / "site.toml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def faults(file: str | None = None, environ: dict[str, str] | None = None) -> list[Fault]:
    """The faults for which these settings are refused."""
    with pytest.raises(SettingsRefused) as refused:
        load_settings(file, environ)
    return list(refused.value.faults)


def test_without_anything_the_store_and_the_log_stand_in_the_folder_var() -> None:
    """Nothing set is a working embedded monitor on the loopback address."""
    settings = load_settings()
    assert settings.store.url == "sqlite:///var/store.db"
    assert settings.log.url == "sqlite:///var/log.db"
    assert (settings.board.bind, settings.board.port) == ("127.0.0.1", 8620)
    assert settings.behind_after == 60
    assert settings.embedded


def test_home_moves_the_embedded_files_and_no_address_that_was_set() -> None:
    """``home`` is where store and log stand unless they have an address."""
    settings = Settings(home="/srv/jiancha", store=Store(url="postgresql://db/jiancha"))
    assert settings.store.url == "postgresql://db/jiancha"
    assert settings.log.url == "sqlite:////srv/jiancha/log.db"


def test_environment_is_over_the_file_and_the_command_line_over_both(write: Write) -> None:
    """Each layer replaces what it names and nothing else."""
    file = write('behind_after = 90\n[board]\nport = 1\nbind = "0.0.0.0"\n')
    settings = load_settings(file, {"JIANCHA_BOARD_PORT": "2", "JIANCHA_HOME": "/a"}, {"home": "/b"})
    assert (settings.board.port, settings.board.bind) == (2, "0.0.0.0")
    assert (settings.home, settings.behind_after) == ("/b", 90)


def test_a_variable_can_name_the_file(write: Write) -> None:
    """JIANCHA_CONFIG stands for the path of the file."""
    file = write("[worker]\nbatch = 7\n")
    assert load_settings(None, {"JIANCHA_CONFIG": file}).worker.batch == 7


def test_a_variable_splits_a_list_as_the_search_path_does() -> None:
    """A list in a variable is written like PATH; an empty variable is an empty list."""
    assert load_settings(None, {"JIANCHA_RULES_PATHS": "a:b"}).rules.paths == ("a", "b")
    assert load_settings(None, {"JIANCHA_RULES_PATHS": ""}).rules.paths == ()


def test_variables_of_other_programs_are_none_of_ours() -> None:
    """Only names that begin with JIANCHA_ are looked at."""
    assert load_settings(None, {"PATH": "/bin", "JIAN": "x"}) == Settings()


def test_sources_keep_their_order_and_options(write: Write) -> None:
    """Each [[sources]] table is one source, its options left to the connector."""
    file = write(
        '[[sources]]\nname = "b"\nconnector = "push"\n'
        '[[sources]]\nname = "a"\nconnector = "files"\noptions = {paths = ["in"]}\n'
    )
    sources = load_settings(file).sources
    assert [(source.name, source.connector, source.options) for source in sources] == [
        ("b", "push", {}),
        ("a", "files", {"paths": ["in"]}),
    ]


WRONG: list[tuple[str, str, int, str, str | None]] = [
    ("hom = 'x'", "unknown-key", 1, "hom", "home"),
    ("\nport = 8620", "unknown-key", 2, "port", "board.port"),  # right word, wrong table
    ("[store]\n\nulr = ''", "unknown-key", 3, "store.ulr", "store.url"),
    ("[bord]\nport = 1", "unknown-key", 1, "bord", "board"),
    ("[quantum]", "unknown-key", 1, "quantum", None),
    ("[board]\nport = '8620'", "wrong-value", 2, "board.port", "8620"),  # a number in quotes
    ("[board]\nport = 70000", "wrong-value", 2, "board.port", None),
    ("[board]\nport = true", "wrong-value", 2, "board.port", None),
    ("[board]\nbind = ''", "wrong-value", 2, "board.bind", None),
    ("board.port = 0", "wrong-value", 1, "board.port", None),  # dotted key
    ("behind_after = nan", "wrong-value", 1, "behind_after", None),
    ("[store]\nurl = 'mysql://x'", "wrong-value", 2, "store.url", None),
    ("[rules]\npaths = 'rules'", "wrong-value", 2, "rules.paths", None),
    ("store = 'sqlite:///x'", "not-a-table", 1, "store", "[store]"),
    ("[[worker]]", "not-a-table", 1, "worker", "[worker]"),
    ("[sources]\nname = 'a'", "not-a-table", 1, "sources", "[[sources]]"),
    ("[[sources]]\nname = 'a'", "missing-key", 1, "sources[1]", "connector = …"),
    (
        "[[sources]]\nname = 'a'\nconnector = 'push'\n[[sources]]\nname = 'b'\nconnector = 'pussh'",
        *("wrong-value", 6, "sources[2].connector", "push"),
    ),
    ("a = ", "syntax", 0, "", None),  # the parser says only: at end of document
    ("[a]\n[a]", "syntax", 2, "", None),
    ("a = " + "9" * 5000, "syntax", 0, "", None),
    ("a = " + "[" * 5000, "too-deep", 0, "", None),
]


@pytest.mark.parametrize(("text", "code", "line", "field", "fix"), WRONG, ids=[row[0][:30] for row in WRONG])
def test_a_wrong_file_is_refused_at_its_line_with_the_nearest_right(
    write: Write, text: str, code: str, line: int, field: str, fix: str | None
) -> None:
    """What is wrong, where, and what to write instead."""
    file = write(text)
    (fault,) = faults(file)
    assert (fault.code, fault.location.path, fault.location.line or 0) == (code, file, line)
    assert (fault.location.field or "", fault.fix) == (field, fix)


def test_all_faults_of_file_and_environment_are_told_together(write: Write) -> None:
    """Nobody has to start the program once per fault."""
    file = write("hom = 'x'\n[board]\nport = 0\n[[sources]]\nname = ''\n")
    found = faults(file, {"JIANCHA_BORD_PORT": "1", "JIANCHA_WORKER_BATCH": "many"})
    assert sorted(str(fault.location.field) for fault in found) == [
        "JIANCHA_BORD_PORT",
        "JIANCHA_WORKER_BATCH",
        "board.port",
        "hom",
        "sources[1]",
        "sources[1].name",
    ]


def test_an_unknown_variable_is_refused_with_the_nearest() -> None:
    """A misspelt variable would otherwise be silently without effect."""
    (fault,) = faults(None, {"JIANCHA_BORD_PORT": "1"})
    assert (fault.code, fault.fix) == ("unknown-variable", "JIANCHA_BOARD_PORT")


def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    """A missing file, a folder, and bytes that are no text."""
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b"home = '\xe9'")
    found = [faults(str(path))[0] for path in (tmp_path / "none", tmp_path, latin)]
    assert [fault.code for fault in found] == ["file-unreadable", "file-unreadable", "not-utf-8"]
    assert all(str(tmp_path) in fault.location.path for fault in found)


def test_settings_that_contradict_each_other_are_refused(write: Write) -> None:
    """A store more patient than the group would let two workers own one partition."""
    file = write(
        '[log]\nurl = "kafka://k:9092"\n[store]\ntimeout = 20\n[broker]\nsession_timeout = 20\nheartbeat_interval = 7\n'
        '[[sources]]\nname = "a"\nconnector = "push"\n[[sources]]\nname = "a"\nconnector = "push"\n'
    )
    found = faults(file)
    assert [(fault.location.line, fault.location.field) for fault in found] == [
        (4, "store.timeout"),
        (7, "broker.heartbeat_interval"),
        (8, "sources"),
    ]


def test_patience_of_the_broker_does_not_bind_the_embedded_log(write: Write) -> None:
    """The embedded log has one owner and no session."""
    assert load_settings(write("[store]\ntimeout = 600\n")).store.timeout == 600


def test_no_fault_repeats_a_password(write: Write) -> None:
    """An address that is refused may hold one."""
    text = str(
        SettingsRefused(faults(write("[store]\nurl = 'postgres://u:hunter2@db/x'"), {"JIANCHA_LOG_URL": "k://hunter2"}))
    )
    assert "hunter2" not in text


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
NAMES = st.sampled_from([part for setting in every_setting() for part in setting.path] + ["sources", "x"])


def as_toml(value: object) -> str:
    """A value as TOML writes it, near enough to be read mostly."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {as_toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(as_toml(item) for item in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


@given(st.dictionaries(NAMES, st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner))))
def test_any_file_is_read_or_refused_at_a_place(
    tmp_path_factory: pytest.TempPathFactory, tree: dict[str, object]
) -> None:
    """Whatever stands in the file, the only error is a refusal, and each fault names the file."""
    file = tmp_path_factory.getbasetemp() / "any.toml"
    text = "\n".join(f"{key} = {as_toml(value)}" for key, value in tree.items())
    file.write_text(text, encoding="utf-8", errors="replace")
    try:
        assert isinstance(load_settings(str(file)), Settings)
    except SettingsRefused as refused:
        assert all(fault.location.path == str(file) for fault in refused.faults)


def row(setting: Setting) -> str:
    """The line of the settings page about one setting."""
    default = "**needed**" if setting.field.required else f"`{shown(setting)}`"
    meaning = setting.meta.description or ""
    variable = f" `{setting.variable}`" if setting.variable else ""
    return f"| `{setting.name}`{variable} | {setting.wanted} | {default} | {meaning} |"


def shown(setting: Setting) -> str:
    """A default as the file would hold it."""
    default = {} if setting.name.endswith("options") else setting.field.default
    return as_toml(list(default) if isinstance(default, tuple) else default)


@pytest.mark.parametrize("setting", every_setting(), ids=lambda setting: setting.name)
def test_the_settings_page_says_what_the_model_says(setting: Setting) -> None:
    """Name, variable, bounds, default and meaning stand in deploy/docs/settings.md as in the model."""
    assert row(setting) in PAGE.read_text(encoding="utf-8").splitlines()


def test_the_settings_page_lists_nothing_that_does_not_exist() -> None:
    """No row of the page is about a setting that was removed."""
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert len(rows) == len(every_setting())


def test_every_setting_says_what_it_means() -> None:
    """A description is a sentence of its own."""
    assert all((setting.meta.description or "").endswith((".", ")")) for setting in every_setting())


def test_the_example_settings_can_be_loaded_and_show_every_table() -> None:
    """Operators copy this file: it must be right."""
    assert load_settings(str(EXAMPLE)).sources
    shown_tables = set(tomllib.loads(EXAMPLE.read_text(encoding="utf-8")))
    assert {setting.path[0].removesuffix("[]") for setting in every_setting() if len(setting.path) > 1} <= shown_tables
