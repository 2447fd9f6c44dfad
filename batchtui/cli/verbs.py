"""The verbs of the command line: name, module and one line of help, nothing loaded."""

from collections.abc import Mapping

from msgspec import Struct

VALUE_OPTIONS = ("--profile", "--base-url", "--theme", "--log-file")
"""The options before a verb that take a value."""


class Verb(Struct, frozen=True):
    """One verb."""

    name: str
    """What is typed; empty for the app itself."""
    module: str
    """The module of `batchtui.cli` that carries it out."""
    help: str
    """What it does, in one line."""
    needs_account: bool = True
    """Whether it takes the options that choose an account."""
    changes: bool = False
    """Whether it changes something on the server or in what is kept of it here."""


APP = Verb("", "app", "A terminal app for people who run Message Batches.")

_VERBS = (
    Verb("open", "open", "read any results file on this disk, no key needed", needs_account=False),
    Verb("list", "listing", "list batches, newest first"),
    Verb("show", "show", "show all that is known of a batch"),
    Verb("watch", "watch", "wait until batches end; exit 0 all ok, 1 some failed"),
    Verb("status", "status", "say what runs, what failed lately, what is about to be lost"),
    Verb("results", "results", "write a batch's results, downloaded once and verified"),
    Verb(
        "make",
        "make",
        "make a request file from a table and a template",
        needs_account=False,
    ),
    Verb("cache", "cache", "say what caching the shared beginning of requests saves; mark it"),
    Verb("review", "review", "give answers a verdict, list and compare verdicts", changes=True),
    Verb("diff", "diff", "compare two runs; exit 0 same, 1 different"),
    Verb("create", "create", "check request files and create batches from them", changes=True),
    Verb("retry", "retry", "send a batch's failed rows again as a new batch", changes=True),
    Verb("merge", "merge", "write the newest answer to each request over all tries"),
    Verb("cancel", "act", "cancel batches", changes=True),
    Verb("delete", "act", "delete ended batches from the server", changes=True),
    Verb("sync", "sync", "download what has ended and is not here yet, verified", changes=True),
    Verb("forget", "forget", "remove the copy of results from this disk", changes=True),
    Verb("label", "label", "give a batch a name of your own", changes=True),
    Verb("attach", "attach", "say which request file a batch was made from", changes=True),
    Verb("simulator", "simulator", "serve a simulated API on a socket", needs_account=False),
    Verb("paths", "paths", "list the files and folders that are used"),
    Verb("themes", "themes", "list the color themes"),
    Verb("keys", "keys", "list the app's commands and their keys"),
    Verb("help", "help", "print a page of the manual", needs_account=False),
    Verb("completions", "completions", "print completions for a shell", needs_account=False),
)

VERBS: Mapping[str, Verb] = {verb.name: verb for verb in _VERBS}
"""One verb by its name."""
