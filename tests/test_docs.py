"""The manual and the README say what is so."""

import re
from pathlib import Path

import pytest

from batchtui.cli.verbs import VERBS
from batchtui.config.settings import SETTING_BY_KEY
from tests.cli.running import run_process
from tests.docs import DOCS, renewed

ROOT = Path(__file__).parents[1]
PAGES = sorted(DOCS.glob("*.md"))
TEXTS = (ROOT / "README.md", ROOT / "batchtui" / "README.md", *PAGES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_tables_are_as_the_code_has_them(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert renewed(text) == text, "run: python -m tests.docs"


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: str(text.relative_to(ROOT)))
def test_what_is_linked_and_named_is_there(text: Path) -> None:
    written = text.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", written):
        assert (text.parent / target).exists(), target
    for verb in re.findall(r"`batchtui ([a-z]{4,})\b", written):
        assert verb in VERBS, verb
    for name in re.findall(r"`((?:batchtui|tests|screenshots)/[\w./]+)`", written):
        assert (ROOT / name).exists(), name


def test_every_picture_is_shown() -> None:
    shown = set(re.findall(r"\]\(screenshots/([\w-]+\.svg)\)", TEXTS[0].read_text("utf-8")))
    assert shown == {path.name for path in (ROOT / "screenshots").glob("*.svg")}


def test_the_security_page_names_settings_that_there_are() -> None:
    text = (DOCS / "security.md").read_text(encoding="utf-8")
    for name in re.findall(r"`(\w+) = (?:true|false)`", text):
        assert name in SETTING_BY_KEY, name


def test_help_prints_a_page() -> None:
    listed = run_process("help")
    assert listed.code == 0
    assert all(page.stem in listed.out.decode() for page in PAGES)
    page = run_process("help", "query")
    assert page.out == (DOCS / "query.md").read_bytes()
    assert run_process("help", "nothing").code == 2
