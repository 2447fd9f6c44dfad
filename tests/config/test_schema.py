"""What is declared about the settings is fit to be shown."""

from itertools import groupby

import pytest
from msgspec.structs import fields

from batchtui.config.settings import KEY_SOURCE_KEYS, SETTING_BY_KEY, SETTINGS, Settings


def test_every_field_is_a_setting() -> None:
    assert [setting.key for setting in SETTINGS] == [one.name for one in fields(Settings)]


def test_every_help_is_one_sentence_that_fits_a_line() -> None:
    for setting in SETTINGS:
        assert setting.help.endswith("."), setting.key
        assert len(setting.help) <= 100, setting.key
        assert setting.help.isprintable(), setting.key


def test_groups_stand_together() -> None:
    groups = [group for group, _ in groupby(SETTINGS, key=lambda setting: setting.group)]
    assert len(groups) == len(set(groups))


def test_every_variable_has_one_meaning() -> None:
    variables = [variable for setting in SETTINGS for variable in setting.variables]
    assert len(variables) == len(set(variables))


def test_titles_are_for_people() -> None:
    assert SETTING_BY_KEY["page_size"].title == "Page size"


def test_settings_change_only_to_what_is_possible() -> None:
    settings = Settings()
    changed = settings.with_values({"page_size": 50, "betas": ("a", "b")})
    assert (changed.page_size, changed.betas) == (50, ("a", "b"))
    assert (settings.page_size, settings.betas) == ("auto", ())
    with pytest.raises(ValueError, match="whole number"):
        settings.with_values({"page_size": 5000})
    with pytest.raises(KeyError):
        settings.with_values({"no_such": 1})


def test_values_are_read_by_name() -> None:
    assert Settings().value("page_size") == "auto"
    with pytest.raises(KeyError):
        Settings().value("with_values")


def test_key_sources_are_settings() -> None:
    assert set(KEY_SOURCE_KEYS) <= set(SETTING_BY_KEY)
