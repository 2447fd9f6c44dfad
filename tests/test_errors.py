"""An error is told in sentences, however its parts end."""

import pytest

from batchtui.errors import BatchtuiError


@pytest.mark.parametrize(
    ("message", "hint", "sentence"),
    [
        (
            "a.jsonl exists already",
            "Choose another name.",
            "a.jsonl exists already. Choose another name.",
        ),
        ("There is no batch.", "Give an id.", "There is no batch. Give an id."),
        ("Which one?", "Give an id.", "Which one? Give an id."),
        ("It cannot be read", "", "It cannot be read"),
    ],
)
def test_message_and_hint_are_sentences_of_their_own(
    message: str, hint: str, sentence: str
) -> None:
    assert BatchtuiError(message, hint=hint).sentence == sentence
