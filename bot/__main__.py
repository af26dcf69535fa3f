"""`python -m bot …` is `keguan …`."""

import sys

from bot.commands import main

if __name__ == "__main__":
    sys.exit(main())
