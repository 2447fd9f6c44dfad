"""The README says what is so."""

import re

from tests.readme import README, renewed


def test_tables_are_as_the_code_has_them() -> None:
    text = README.read_text(encoding="utf-8")
    assert renewed(text) == text, "run: python -m tests.readme"


def test_pictures_are_there() -> None:
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README.read_text(encoding="utf-8"))
    assert pictures
    for picture in pictures:
        assert (README.parent / picture).is_file(), picture
