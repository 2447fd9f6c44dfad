"""How numbers, sizes and times are written."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from batchtui.formatting import (
    cut_characters,
    enumerate_words,
    format_age,
    format_count,
    format_duration,
    format_share,
    format_size,
    format_time,
    nearest,
    read_count,
)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (9_949, "9.9 kB"),
        (9_950, "10 kB"),
        (31_400_000, "31 MB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (4.2e9, "4.2 GB"),
        (7e15, "7000 TB"),
    ],
)
def test_sizes(size: float, text: str) -> None:
    assert format_size(size) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 0, "–"),
        (0, 10, "0.0 %"),
        (10, 10, "100.0 %"),
        (1, 100_000, "< 0.1 %"),
        (1, 1000, "0.1 %"),
        (99_999, 100_000, "99.9 %"),
        (1, 3, "33.3 %"),
    ],
)
def test_a_share_is_never_all_or_nothing_by_rounding(part: int, whole: int, text: str) -> None:
    assert format_share(part, whole) == text


@pytest.mark.parametrize(
    ("seconds", "age", "duration"),
    [
        (-5, "0 s", "0 s"),
        (59, "59 s", "59 s"),
        (60, "1 m", "1 m"),
        (3_599, "59 m", "59 m"),
        (3_600, "1 h", "1 h"),
        (85_680, "23 h", "23 h 48 m"),
        (86_400, "1 d", "1 d"),
        (86_460, "1 d", "1 d"),
        (100_800, "1 d", "1 d 4 h"),
        (2_246_400, "26 d", "26 d"),
    ],
)
def test_lengths_of_time(seconds: int, age: str, duration: str) -> None:
    assert format_age(timedelta(seconds=seconds)) == age
    assert format_duration(timedelta(seconds=seconds)) == duration


def test_moments_say_when_they_are_of_utc() -> None:
    moment = datetime(2026, 11, 22, 9, 14, 7, tzinfo=UTC)
    assert format_time(moment, UTC) == "2026-11-22 09:14:07Z"
    assert format_time(moment, timezone(timedelta(hours=5, minutes=30))) == "2026-11-22 14:44:07"


@pytest.mark.parametrize(
    ("text", "number"),
    [("12", 12), (" 7 ", 7), ("0", 0), ("-1", None), ("1.0", None), ("²", None), ("", None)],
)
def test_a_number_is_read_from_digits(text: str, number: int | None) -> None:
    assert read_count(text) == number
    assert read_count("9" * 5_000) is None


def test_counts_and_cuts() -> None:
    assert format_count(1_234_567) == "1,234,567"
    assert cut_characters("short", 5) == "short"
    assert cut_characters("msgbatch_0123456789", 11) == "msgbat…6789"
    assert cut_characters("abcdef", 2) == "ab"
    assert cut_characters("abcdef", 0) == ""
    for width in range(3, 26):
        assert len(cut_characters("abcdefghijklmnopqrstuvwxyz", width)) == width


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("vendr", ".vendor"),
        (".vendr", ".vendor"),
        (".toal", ".total"),
        ("succeded", "succeeded"),
        ("success", "succeeded"),
        ("succ", "succeeded"),
        ("eror", "error"),
        ("custmid", "custom_id"),
        ("canceld", "canceled"),
        ("reveiw", "review"),
        ("modle", "model"),
        ("name", ""),
        ("cost", ""),
        ("price", ""),
        ("ok", ""),
        ("x", ""),
        ("", ""),
    ],
)
def test_a_slip_finds_what_was_meant_and_nothing_silly(slip: str, meant: str) -> None:
    known = [".vendor", ".total", "succeeded", "canceled", "expired", "error", "custom_id"]
    known += ["model", "sample", "out", "written", "stop", "size", "note", "review", "sort"]
    assert nearest(slip, known) == meant


def test_words_are_listed_as_in_a_sentence() -> None:
    assert enumerate_words(["Results"]) == "Results"
    assert enumerate_words(["Results", "Review"]) == "Results and Review"
    assert enumerate_words(["Results", "Review", "Calls"]) == "Results, Review and Calls"
