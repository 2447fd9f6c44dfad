"""Custom ids such as teams use, made from a request's index alone."""

from collections.abc import Callable, Mapping
from typing import Final

from batchtui.simulator.dice import Dice


def _ticket(seed: int) -> Callable[[int], bytes]:
    first = 480_000 + Dice(seed, "ticket").below(400_000)
    return lambda index: b"ticket-%06d" % (first + index)


def _clause(_seed: int) -> Callable[[int], bytes]:
    return lambda index: b"contract-%04d_clause-%02d" % divmod(index, 23)


def _document(_seed: int) -> Callable[[int], bytes]:
    return lambda index: b"doc-%d" % (index + 1)


def _product(seed: int) -> Callable[[int], bytes]:
    languages = (b"de", b"fr", b"ja", b"pt-BR", b"ar", b"hi", b"es", b"pl")
    first = 1_000 + Dice(seed, "product").below(80_000)

    def make(index: int) -> bytes:
        return b"sku-%05d-%b" % (first + index // 8, languages[index % 8])

    return make


def _pull_request(seed: int) -> Callable[[int], bytes]:
    first = 900 + Dice(seed, "pull request").below(3_000)
    return lambda index: b"pr-%d_file-%02d" % (first + index // 12, index % 12)


def _evaluation(_seed: int) -> Callable[[int], bytes]:
    return lambda index: b"gsm8k_%05d_try%d" % divmod(index, 4)


def _hash(seed: int) -> Callable[[int], bytes]:
    salt = Dice(seed, "hash").below(2**48)
    # An odd factor keeps the ids different: it is a permutation of the 64-bit numbers.
    return lambda index: b"%016x" % (((index + salt) * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF)


def _long(seed: int) -> Callable[[int], bytes]:
    name = Dice(seed, "long").letters(20).encode()
    return lambda index: b"crawl-2025-eu-west-%b-part-%017d" % (name, index)


def _number(_seed: int) -> Callable[[int], bytes]:
    return lambda index: b"%d" % index


ID_STYLES: Final[Mapping[str, Callable[[int], Callable[[int], bytes]]]] = {
    "ticket": _ticket,
    "clause": _clause,
    "document": _document,
    "product": _product,
    "pull_request": _pull_request,
    "evaluation": _evaluation,
    "hash": _hash,
    "long": _long,
    "number": _number,
}
