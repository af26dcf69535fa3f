"""`make demo`. Loading takes seconds, and Ctrl-C is to be quiet from the first of them."""

import signal
import sys

signal.signal(signal.SIGINT, lambda _number, _frame: sys.exit(0))

from simulator.demo import main  # noqa: E402

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
