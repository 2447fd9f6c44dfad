"""The words that name batches on a command line: ids, labels, the beginning of an id, ``last``.

Servers have ids of many forms: a word that has not the API's own and that nothing here is known of
is an id if the server says so; what asks no server takes it once it was seen here. What is to be
changed is named more strictly: a beginning has to be the only one in the server's whole list, not
only in what was seen here.
"""

import re
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from batchtui.batches.batch_names import NEWEST, find_here, find_there, is_file_name, split_words
from batchtui.cli.common import OfflineAccount, RefusedError

if TYPE_CHECKING:
    from batchtui.session import Session

IDS_HELP: Final = (
    "An ID may be a label, the beginning of an id that no other has, or last: the newest batch."
)
_LOOKED_AT: Final = 1000
"""Batches of the list that are looked at where a server does not give a batch by its id."""
_SHOWN: Final = 3
"""Ids that are named of those a word may mean."""
_WHOLE: Final = re.compile(r"msgbatch_[0-9A-Za-z]{24}")
"""A whole id of the API's own, of which nothing has to be looked up."""


def find_one(
    account: OfflineAccount, word: str, *, asks_server: bool = True, takes_any: bool = False
) -> str:
    """Return the id of the one batch that a word names; arguments as of `find_batches`.

    Raises:
        RefusedError: It may mean several.
        BatchtuiError: The server cannot be asked.
    """
    found = find_batches(account, [word], asks_server=asks_server, takes_any=takes_any)
    if len(found) != 1:
        raise RefusedError(
            f"{len(found)} batches are named; this takes one.", hint="Name one of them."
        )
    return found[0]


def find_batches(
    account: OfflineAccount,
    words: Sequence[str],
    *,
    asks_server: bool = True,
    is_acting: bool = False,
    takes_any: bool = False,
) -> tuple[str, ...]:
    """Return the ids of the batches that words name, each once, in their order.

    Args:
        account: Whose batches.
        words: As typed or pasted; one may hold several ids.
        asks_server: Whether there is a key to ask the server with.
        is_acting: Whether the batches are going to be changed.
        takes_any: Whether a word that nothing is known of may be an id.

    Raises:
        RefusedError: A word may mean several batches, or none.
        BatchtuiError: The server cannot be asked.
    """
    if all(_WHOLE.fullmatch(word) for word in words):
        return tuple(dict.fromkeys(words))
    with account.ledger(must_write=False) as ledger:
        pieces = [piece for word in words for piece in split_words(ledger, word)]
        found = {piece: find_here(ledger, piece) for piece in pieces}
    # a demo has seen no list before: its server knows what is on this disk elsewhere
    is_demo = account.launch.is_demo
    for piece, (ids, is_exact) in found.items():
        if is_exact or not (ids or is_demo or piece == NEWEST):
            continue
        if asks_server and (is_acting or is_demo or piece == NEWEST):
            found[piece] = account.run(partial(_find_there, word=piece)), True
    ids_of = {piece: _only(piece, found[piece][0]) for piece in pieces}
    for piece in pieces:
        if not (found[piece][0] or takes_any or _is_id(account, piece, asks_server=asks_server)):
            raise _no_such(piece, asks_server=asks_server)
    return tuple(dict.fromkeys(ids_of.values()))


def _is_id(account: OfflineAccount, word: str, *, asks_server: bool) -> bool:
    """Return whether a word that names nothing in the ledger is the id of a batch.

    Raises:
        RefusedError: There is no key to ask the server with.
        BatchtuiError: The server cannot be asked.
    """
    from batchtui.config.errors import NoKeyGiven

    store = account.store()
    if word.startswith("msgbatch_") or store.stored(word) or store.partial(word):
        return True
    try:
        return asks_server and account.run(partial(_is_there, batch_id=word))
    except NoKeyGiven as error:
        raise RefusedError(
            f"There is no file {word}, and no batch of that name is known here.",
            hint=f"To ask the server, a key is needed. {error.hint}",
        ) from error


async def _is_there(session: "Session", batch_id: str) -> bool:
    """Return whether the server knows a batch, or at least lists it among the newest."""
    from batchtui.api.errors import NotFound

    try:
        await session.client.retrieve(batch_id)
    except NotFound:
        page = await session.client.list_page(limit=_LOOKED_AT)
        return any(batch.id == batch_id for batch in page.data)
    return True


def _no_such(word: str, *, asks_server: bool) -> RefusedError:
    hint = "batchtui list shows what there is."
    if not asks_server:
        hint += " Where ids have another form than msgbatch_..., look at it first: batchtui show."
    return RefusedError(f"{word}: there is no batch of that id or label.", hint=hint)


async def _find_there(session: "Session", word: str) -> Sequence[str]:
    return await find_there(session.client, word)


def _only(word: str, ids: Sequence[str]) -> str:
    """Return the one id that a word means; the word itself where nothing is known of it."""
    if len(ids) > 1:
        named = ", ".join(ids[:_SHOWN]) + (", ..." if len(ids) > _SHOWN else "")
        raise RefusedError(f"{word} may mean several batches: {named}.", hint="Give the whole id.")
    if not ids and word == NEWEST:
        raise RefusedError("There is no batch yet that could be the last one.")
    if not ids and is_file_name(word):
        raise RefusedError(f"There is no file {word}, and no batch of that name.")
    return ids[0] if ids else word
