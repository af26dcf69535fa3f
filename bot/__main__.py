"""`python -m bot …` is `keguan …`."""

import gc
import sys

gc.disable()  # what is imported stays: to look through it for garbage again and again takes a quarter of a start

from bot.commands import main  # noqa: E402

gc.freeze()
gc.enable()

if __name__ == "__main__":
    sys.exit(main())
