"""What the command palette finds."""

from textual.command import Hit

from batchtui.tui.palette import CommandProvider
from tests.tui.support import WIDE, make_app, make_world, wait_for_text


async def found_by(*queries: str) -> list[list[str]]:
    """The labels that each query finds among the commands of the list, the best first."""
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "running")
        provider = CommandProvider(app.screen)
        found: list[list[str]] = []
        for query in queries:
            hits = [hit async for hit in provider.search(query) if isinstance(hit, Hit)]
            hits.sort(key=lambda hit: hit.score, reverse=True)
            found.append([hit.text or "" for hit in hits])
        return found


async def test_a_command_is_found_by_its_id_as_well() -> None:
    retry, whole, spoken = await found_by("retry", "retry-failed", "retry failed")
    assert retry[0] == "Send again"
    assert whole == ["Send again"]
    assert spoken[0] == "Send again"


async def test_labels_that_match_come_first() -> None:
    (found,) = await found_by("copy")
    is_by_label = ["copy" in label.lower() for label in found]
    assert True in is_by_label
    assert False in is_by_label
    assert is_by_label == sorted(is_by_label, reverse=True)


async def test_the_palette_shows_what_an_id_finds() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "running")
        await pilot.press("colon", *"retry")
        await wait_for_text(pilot, "Send again")
