"""The verbs of the command line: name, module and one line of help, nothing loaded."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb.

    Attributes:
        name: What is typed; empty for the app itself.
        module: The module of `batchtui.cli` that carries it out.
        help: What it does, in one line.
        needs_account: Whether it takes the options that choose an account.
    """

    name: str
    module: str
    help: str
    needs_account: bool = True


APP = Verb("", "app", "A terminal app for people who run Message Batches.")

_VERBS = (Verb("simulator", "simulator", "serve a simulated API on a socket", needs_account=False),)

VERBS: Mapping[str, Verb] = {verb.name: verb for verb in _VERBS}
