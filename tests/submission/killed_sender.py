"""Continues, or begins, the submission of a file: the process that `test_killed` kills."""

import asyncio
import sys
from pathlib import Path

from batchtui.api.client import BatchesClient
from batchtui.api.connection import Connection, Credential
from batchtui.library.ledger import Ledger
from batchtui.submission.events import Event, Made, SendTimeouts, Uploading
from batchtui.submission.limits import Limits
from batchtui.submission.prepare import prepare
from batchtui.submission.reconciler import Consent
from batchtui.submission.runner import SubmissionRunner
from batchtui.submission.source import RequestSource
from batchtui.submission.validate import validate

PART = Limits(requests=10_000)
QUICK = SendTimeouts(between_parts=0, settle=1.5, adopt_after=0.5, look_again=0.1, first_wait=0.1)


def say(event: Event) -> None:
    """Tell the killer where we are."""
    if isinstance(event, Uploading | Made):
        print(type(event).__name__, event.number, flush=True)


async def run(url: str, data: Path, file: Path) -> None:
    """Send all that is left."""
    ledger = Ledger(data / "ledger.db")
    source = RequestSource(file)
    known = next(iter(ledger.journal.submissions(open_only=True)), None)
    connection = Connection(base_url=url, credential=Credential("api_key", "sk-ant-test"))
    async with BatchesClient(connection) as client:
        runner = SubmissionRunner(client, ledger, timeouts=QUICK, on_event=say)
        consent = Consent(resend_absent=True)
        if known is None:
            plan = prepare(validate(source, limits=PART), split=True)
            await runner.start(plan, consent=consent)
        else:
            await runner.run(known.plan.submission_id, consent=consent)
    ledger.close()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
