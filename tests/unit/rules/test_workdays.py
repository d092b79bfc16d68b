"""Calendars: which days are working days, office hours, what is known, and the files all this is read from."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.almanac import CalendarErrors, load_calendars, parse_calendars
from rules.clock import run
from rules.dayline import MINUTE, Session
from rules.workdays import BeyondTime, Calendar, CalendarUnknown, DayKind, Hours, HoursWrong
from tests.unit.rules.clocking import CALENDARS, CN, PLAIN, SHANGHAI, at, clock, due, due_of

OFF = {
    2025: "01-01 01-28 01-29 01-30 01-31 02-01 02-02 02-03 02-04 04-04 04-05 04-06 05-01 05-02 05-03 05-04 05-05 "
    "05-31 06-01 06-02 10-01 10-02 10-03 10-04 10-05 10-06 10-07 10-08",
    2026: "01-01 01-02 01-03 02-15 02-16 02-17 02-18 02-19 02-20 02-21 02-22 02-23 04-04 04-05 04-06 05-01 05-02 05-03 "
    "05-04 05-05 06-19 06-20 06-21 09-25 09-26 09-27 10-01 10-02 10-03 10-04 10-05 10-06 10-07",
}
WORK = {2025: "01-26 02-08 04-27 09-28 10-11", 2026: "01-04 02-14 02-28 05-09 09-20 10-10"}


def year_days(table: dict[int, str]) -> set[date]:
    """The days of a table."""
    return {date.fromisoformat(f"{year}-{day}") for year, days in table.items() for day in days.split()}


# --- days ------------------------------------------------------------------------------------------------------------


def test_china_knows_2025_and_2026_as_decreed() -> None:
    """Every holiday and every make-up day of the two notices, and no other."""
    every = [date(2025, 1, 1) + timedelta(days=count) for count in range(730)]
    kinds = {kind: {day for day in every if CN.day_kind(day) is kind} for kind in DayKind}
    assert kinds[DayKind.HOLIDAY] == year_days(OFF)
    assert kinds[DayKind.MAKE_UP] == year_days(WORK)
    assert all(day.weekday() < 5 for day in kinds[DayKind.WORK])
    assert all(day.weekday() >= 5 for day in kinds[DayKind.WEEKEND])
    assert [CN.is_working_day(day) for day in (date(2025, 1, 26), date(2025, 1, 27), date(2025, 1, 28))] == [
        True,
        True,
        False,
    ]
    assert CN.holidays[date(2025, 10, 6)] == "国庆节、中秋节"
    assert "国办发明电〔2025〕7号" in CN.source


def test_the_year_has_as_many_working_days_as_the_notices_leave() -> None:
    """248 in both years: weekdays less holidays on weekdays plus make-up days."""
    for year in (2025, 2026):
        every = [date(year, 1, 1) + timedelta(days=count) for count in range(365)]
        weekdays = sum(day.weekday() < 5 for day in every)
        off = sum(day.weekday() < 5 for day in year_days({year: OFF[year]}))
        assert sum(map(CN.is_working_day, every)) == weekdays - off + len(WORK[year].split()) == 248


def test_beyond_the_known_days_weekends_are_off_and_no_holiday_is_known() -> None:
    """A projection; before them there is none."""
    kinds = [CN.day_kind(date(2027, 1, 1) + timedelta(days=count)) for count in range(3)]
    assert kinds == [DayKind.WORK, DayKind.WEEKEND, DayKind.WEEKEND]
    with pytest.raises(
        CalendarUnknown, match="calendar cn knows no day before 2025-01-01, and 2024-12-31 was asked for"
    ):
        CN.is_working_day(date(2024, 12, 31))


def test_the_plain_calendar_is_monday_to_friday() -> None:
    """Not even the first of October is off."""
    assert [PLAIN.is_working_day(date(2018, 10, day)) for day in range(1, 8)] == [True] * 5 + [False] * 2


@given(st.dates(date(2025, 1, 1), date(2035, 12, 31)), st.integers(1, 400))
def test_numbers_of_working_days_agree_with_the_days(day: date, more: int) -> None:
    """Counting before a day and finding the n-th are each other's inverse, known or projected."""
    line, ordinal = CN.working_days, day.toordinal()
    assert line.before(ordinal + 1) - line.before(ordinal) == CN.is_working_day(day)
    end = line.end_of(line.before(ordinal) + more)
    assert line.before(end) == line.before(ordinal) + more
    assert CN.is_working_day(date.fromordinal(end - 1))
    first = date.fromordinal(line.first_from(ordinal))
    assert first >= day
    assert CN.is_working_day(first)
    assert not any(CN.is_working_day(day + timedelta(days=count)) for count in range((first - day).days))


@given(st.integers(0, 9 * 365 * 24 * 60), st.integers(1, 100 * 60))
def test_office_time_agrees_with_the_sessions(minutes: int, more: int) -> None:
    """The end of some office time from anywhere lies in a session, and that much office time after it."""
    start = datetime(2025, 1, 1, tzinfo=SHANGHAI) + timedelta(minutes=minutes)
    one = clock("2025-01-01 00:00", f"{more}wh")
    one = type(one)(start, one.limit)
    ledger = run(one, CN)
    assert ledger.due is not None
    open_, day = timedelta(), start.date()
    while day <= ledger.due.astimezone(SHANGHAI).date():
        for opens, closes in CN.sessions(day):
            open_ += max(min(closes, ledger.due) - max(opens, start), timedelta())
        day += timedelta(days=1)
    assert open_ == timedelta(hours=more)
    assert any(opens < ledger.due <= closes for opens, closes in CN.sessions(ledger.due.astimezone(SHANGHAI).date()))


# --- office hours ----------------------------------------------------------------------------------------------------


def test_sessions_are_aware_local_instants() -> None:
    """On working days, make-up days among them; none on days off."""
    assert CN.sessions(date(2025, 4, 27)) == (
        (at("2025-04-27 09:00"), at("2025-04-27 12:00")),
        (at("2025-04-27 13:00"), at("2025-04-27 17:00")),
    )
    assert CN.sessions(date(2025, 4, 26)) == ()


SUMMER = Hours((Session(510, 720), Session(870, 1050)), date(2025, 7, 1), date(2025, 9, 30))


def test_summer_hours_are_kept_in_their_part_of_the_year() -> None:
    """08:30–12:00 and 14:30–17:30 from July to September."""
    summer = CN.with_additions("hot", hours=[SUMMER])
    assert summer.sessions(date(2025, 7, 1))[-1][1] == at("2025-07-01 17:30")
    assert summer.sessions(date(2025, 6, 30)) == CN.sessions(date(2025, 6, 30))
    assert due_of(clock("2025-06-30 16:00", "2wh"), summer) == "2025-07-01 09:30"
    assert due_of(clock("2025-09-30 16:30", "2wh"), summer) == "2025-10-09 10:00"


def test_hours_without_an_end_hold_beyond_the_known_days() -> None:
    """New office hours stay until others are written; those of a season do not come back unwritten."""
    new = Hours((Session(480, 720),), date(2026, 7, 1))
    assert CN.with_additions("new", hours=[new]).sessions(date(2029, 7, 2))[0][0] == at("2029-07-02 08:00")
    assert CN.with_additions("hot", hours=[SUMMER]).sessions(date(2027, 7, 1)) == CN.sessions(date(2027, 7, 1))
    assert due_of(clock("2029-07-02 11:00", "3wh"), CN.with_additions("new", hours=[new])) == "2029-07-03 10:00"


@pytest.mark.parametrize(
    "sessions",
    [
        (),
        (Session(540, 540),),
        (Session(720, 540),),
        (Session(540, 720), Session(700, 1020)),
        (Session(780, 1020), Session(540, 720)),
        (Session(540, 1441),),
        (Session(-1, 60),),
    ],
)
def test_impossible_sessions_are_refused(sessions: tuple[Session, ...]) -> None:
    """They open before they close, follow each other, and lie within one day."""
    with pytest.raises(HoursWrong):
        Hours(sessions)


def test_sessions_may_touch_each_other() -> None:
    """A shift that ends when the next begins."""
    hours = Hours((Session(540, 720), Session(720, 1020)))
    assert due_of(clock("2025-07-09 11:00", "2wh"), CN.with_additions("on", hours=[hours])) == "2025-07-09 13:00"


def test_an_office_may_be_open_until_midnight() -> None:
    """24:00 is the next day's first instant."""
    night = CN.with_additions("night", hours=[Hours((Session(0, 1440),))])
    assert night.sessions(date(2025, 7, 9)) == ((at("2025-07-09 00:00"), at("2025-07-10 00:00")),)
    assert due_of(clock("2025-07-09 10:00", "20wh"), night) == "2025-07-10 06:00"
    assert night.closing(1) - night.opening(1) == 1440 * MINUTE


# --- additions -------------------------------------------------------------------------------------------------------


def test_a_region_adds_holidays_and_working_days_that_win() -> None:
    """Over the weekdays, the make-up days and the holidays of the calendar it adds to."""
    festival = {date(2025, 7, 10): "那达慕", date(2025, 9, 28): "壮族三月三"}
    region = CN.with_additions("region", holidays=festival, working_days=[date(2025, 10, 8), date(2025, 7, 12)])
    kinds = [region.day_kind(day) for day in (*festival, date(2025, 10, 8), date(2025, 7, 12), date(2025, 10, 7))]
    assert kinds == [DayKind.HOLIDAY, DayKind.HOLIDAY, DayKind.WORK, DayKind.MAKE_UP, DayKind.HOLIDAY]
    assert (region.name, region.zone, region.source) == ("region", CN.zone, CN.source)
    assert CN.day_kind(date(2025, 7, 10)) is DayKind.WORK
    assert due_of(clock("2025-07-09 10:00", "3wd"), region) == "2025-07-15 00:00"


def test_a_region_may_know_less() -> None:
    """Its own notice is not there yet: from then on days are projected."""
    region = CN.with_additions("region", known_until=date(2025, 12, 31))
    assert region.is_working_day(date(2026, 1, 1))
    assert run(clock("2025-12-30 10:00", "3wd"), region).provisional


# --- wall time -------------------------------------------------------------------------------------------------------


def test_wall_time_and_instants_are_each_others_inverse() -> None:
    """But for the hour that comes twice, which is its first."""
    dutch = Calendar("nl", ZoneInfo("Europe/Amsterdam"), date(2025, 1, 1), date(2025, 12, 31), CN.hours)
    for text in ("2025-03-30T00:59:59.999999+00:00", "2025-03-30T01:00:00+00:00", "2025-07-01T10:00:00.000001+00:00"):
        instant = datetime.fromisoformat(text)
        assert dutch.instant(dutch.wall(instant)) == instant
    twice = datetime(2025, 10, 26, 1, 30, tzinfo=UTC)
    assert dutch.instant(dutch.wall(twice)) == twice - timedelta(hours=1)


def test_instants_outside_of_time_are_refused() -> None:
    """The year 10000 has not been thought of."""
    with pytest.raises(BeyondTime):
        CN.wall(datetime(9999, 12, 31, 23, tzinfo=UTC))
    with pytest.raises(BeyondTime):
        CN.instant(10**24)


# --- files -----------------------------------------------------------------------------------------------------------

HEAD = """\
calendar: town
source: 市政府公告
zone: Asia/Shanghai
known_from: 2025-01-01
known_until: 2025-12-31
sessions: ["09:00-12:00", "13:00–17:00"]
"""


def write(folder: Path, text: str, name: str = "town.yaml") -> Path:
    """A calendar file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def faults_of(*paths: Path) -> list[tuple[str, int | None, str]]:
    """Code, line and message of each fault that loading some files finds."""
    with pytest.raises(CalendarErrors) as caught:
        load_calendars(paths)
    return [(fault.code, fault.location.line, fault.message) for fault in caught.value.faults]


def test_the_shipped_calendars_are_read() -> None:
    """By name."""
    assert {name: str(calendar.zone) for name, calendar in CALENDARS.items()} == {
        "cn": "Asia/Shanghai",
        "plain-2018": "Asia/Shanghai",
    }
    assert (CN.known_from, CN.known_until) == (date(2025, 1, 1), date(2026, 12, 31))
    assert (PLAIN.known_from, PLAIN.known_until) == (date(2018, 1, 1), date(2019, 12, 31))


def test_a_region_extends_a_calendar_of_another_file(tmp_path: Path) -> None:
    """In whatever order the files are given, and one on top of the other."""
    holidays = (
        "holidays:\n  - {from: 2025-10-01, until: 2025-10-08, name: 国庆节}\n  - {from: 2025-12-31, name: 除夕}\n"
    )
    town = write(tmp_path, HEAD + holidays)
    district = write(
        tmp_path,
        "calendar: district\nextends: town\nknown_until: 2025-06-30\n"
        "holidays:\n  - {from: 2025-04-03, name: 三月三}\nworking_days: [2025-04-12]\n"
        "hours:\n  - {from: 2025-06-01, sessions: ['08:00-12:00']}\n",
        "district.yaml",
    )
    street = write(tmp_path, "calendar: street\nextends: district\nsessions: ['10:00-12:00']\n", "a.yaml")
    calendars = load_calendars([street, district, town])
    assert list(calendars) == ["town", "district", "street"]
    region = calendars["district"]
    assert [region.is_working_day(date(2025, 4, day)) for day in (3, 12)] == [False, True]
    assert (region.known_until, region.source) == (date(2025, 6, 30), "市政府公告")
    assert region.sessions(date(2025, 6, 2)) == ((at("2025-06-02 08:00"), at("2025-06-02 12:00")),)
    assert calendars["street"].sessions(date(2025, 6, 2)) == ((at("2025-06-02 10:00"), at("2025-06-02 12:00")),)
    assert due(run(clock("2025-04-02 10:00", "1wd"), calendars["street"])) == "2025-04-05 00:00"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (HEAD.replace("zone: Asia/Shanghai\n", ""), ("missing-key", 1, "'zone' is missing")),
        (HEAD.replace("Asia/Shanghai", "Asia/Beijing"), ("unknown-zone", 3, "'Asia/Beijing' is not a time zone")),
        (HEAD.replace("Asia/Shanghai", "Asia"), ("unknown-zone", 3, "'Asia' is not a time zone")),
        (HEAD.replace("2025-12-31", "2025-12-32"), ("not-a-date", 5, "'2025-12-32' is not a day")),
        (HEAD.replace("2025-12-31", "2024-12-31"), ("known-backwards", 1, "no day lies within")),
        (HEAD.replace("09:00-12:00", "9-12"), ("not-a-session", 6, "'9-12' is not hours such as")),
        (HEAD.replace("09:00-12:00", "09:00-25:00"), ("not-a-session", 6, "'09:00-25:00' is not hours")),
        (HEAD.replace("09:00-12:00", "12:00-09:00"), ("hours-wrong", 6, "Office sessions must be there")),
        (HEAD.replace('"09:00-12:00", "13:00–17:00"', ""), ("hours-wrong", 6, "Office sessions must be there")),
        (HEAD + "holiday: []\n", ("unknown-key", 7, "did you mean 'holidays'?")),
        (HEAD + "extends: cn\n", ("unknown-key", 3, "'zone' is not known here")),
        (HEAD + "holidays:\n  - 2025-10-01\n", ("not-a-mapping", 8, "keys are expected here")),
        (HEAD + "holidays:\n  - {from: 2025-10-01}\n", ("missing-key", 8, "'name' is missing")),
        (HEAD + "holidays:\n  - {from: 2025-10-08, until: 2025-10-01, name: x}\n", ("days-wrong", 8, "2025-10-08 to")),
        (HEAD + "holidays:\n  - {from: 2025-10-01, until: 2052-10-08, name: x}\n", ("days-wrong", 8, "of one year")),
        (HEAD + "holidays:\n  - {from: 2026-01-01, name: x}\n", ("day-unknown", 8, "2025-01-01 to 2025-12-31 only")),
        (
            HEAD + "holidays: [{from: 2025-10-01, name: x}, {from: 2025-10-01, name: y}]\n",
            ("day-twice", 7, "2025-10-01"),
        ),
        (
            HEAD + "holidays: [{from: 2025-10-04, name: x}]\nworking_days: [2025-10-04]\n",
            ("day-twice", 8, "2025-10-04"),
        ),
        (HEAD + "working_days:\n  - 2025-10-11\n  - 2025-10-11\n", ("day-twice", 9, "2025-10-11 is written twice")),
        (HEAD + "working_days:\n  - 2025-10-10\n", ("day-works-already", 8, "2025-10-10 is a working day anyway")),
        (HEAD + "working_days:\n  - 10-11\n", ("not-a-date", 8, "'10-11' is not a day such as")),
        (HEAD + "hours:\n  - {from: 2026-06-01, sessions: ['08:00-12:00']}\n", ("day-unknown", 8, "knows 2025-01-01")),
        (HEAD + "hours:\n  - {from: June, sessions: ['08:00-12:00']}\n", ("not-a-date", 8, "'June' is not a day")),
        (HEAD + "hours:\n  - {from: 2025-06-01, sessions: 08:00-12:00}\n", ("not-a-list", 8, "a list is expected")),
        ("calendar: town\nextends: nowhere\n", ("unknown-calendar", 2, "there is no calendar 'nowhere' to extend")),
        ("calendar: town\nextends: town\n", ("circular-calendar", 2, "'town' comes to extend itself")),
        ("[]\n", ("not-a-mapping", 1, "keys are expected here")),
        ("a: [\n", ("syntax", 1, "")),
    ],
)
def test_a_bad_entry_is_refused_at_its_line(tmp_path: Path, text: str, fault: tuple[str, int, str]) -> None:
    """With a code, and a sentence that names what is there."""
    code, line, message = fault
    found = faults_of(write(tmp_path, text))
    if code == "syntax":
        assert len(found) == 1
    else:
        assert [one for one in found if one[:2] == (code, line) and message in one[2]], found


def test_all_faults_of_all_files_are_reported_together(tmp_path: Path) -> None:
    """And a calendar is not blamed for the one it extends."""
    town = write(tmp_path, HEAD.replace("zone", "zoned") + "holidays: [{from: tomorrow, name: x}]\n")
    region = write(tmp_path, "calendar: region\nextends: town\n", "region.yaml")
    same = write(tmp_path, "calendar: region\nextends: cn\n", "same.yaml")
    found = faults_of(town, region, same, tmp_path / "absent.yaml")
    codes = [code for code, _, _ in found]
    assert codes == ["file-unreadable", "duplicate-calendar", "missing-key", "unknown-key", "not-a-date"]


def test_what_extends_a_calendar_cannot_know_more(tmp_path: Path) -> None:
    """It would take days without notices for days without holidays."""
    town = write(tmp_path, HEAD)
    region = write(tmp_path, "calendar: region\nextends: town\nknown_until: 2026-12-31\n", "region.yaml")
    [(code, line, message)] = faults_of(town, region)
    assert (code, line) == ("known-too-far", 1)
    assert "'town' knows 2025-01-01 to 2025-12-31" in message


def test_texts_are_read_as_files_are_and_may_extend_what_is_known() -> None:
    """The store keeps texts; a site's own calendar stands on a shipped one, or takes its place."""
    region = {"region.yaml": "calendar: region\nextends: cn\nholidays: [{from: 2025-07-10, name: 那达慕}]\n"}
    assert not parse_calendars(region, CALENDARS)["region"].is_working_day(date(2025, 7, 10))
    own = {"cn.yaml": HEAD.replace("town", "cn"), **region}
    replaced = parse_calendars(own, CALENDARS)
    assert list(replaced) == ["cn", "region"]
    assert replaced["region"].is_working_day(date(2025, 10, 1))
    with pytest.raises(CalendarErrors, match=r"region\.yaml:2:10: unknown-calendar: there is no calendar 'cn'"):
        parse_calendars(region)


def test_a_circle_of_calendars_is_told_to_those_in_it(tmp_path: Path) -> None:
    """And not to one that only leads to it, or to one whose base is missing."""
    paths = [
        write(tmp_path, f"calendar: {name}\nextends: {base}\n", f"{name}.yaml")
        for name, base in (("a", "b"), ("b", "a"), ("c", "a"), ("d", "e"), ("e", "nowhere"))
    ]
    assert [code for code, _, _ in faults_of(*paths)] == ["circular-calendar", "circular-calendar", "unknown-calendar"]
