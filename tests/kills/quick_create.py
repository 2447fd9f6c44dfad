"""``batchtui create``, quick to decide where an answer is lost: the program that `kills` kills."""

import sys
from functools import partial

from batchtui.cli import sending
from batchtui.cli.main import main
from batchtui.submission.events import SendTimeouts
from batchtui.submission.sending_control import SendingControl

QUICK = SendTimeouts(between_parts=0, settle=1.0, adopt_after=0.3, look_again=0.1, first_wait=0.1)

if __name__ == "__main__":
    vars(sending)["SendingControl"] = partial(SendingControl, timeouts=QUICK)
    sys.exit(main(sys.argv[1:]))
