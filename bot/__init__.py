"""How do we speak Telegram, and how does the process run? The only room that imports telegram."""

import os

os.environ.setdefault("PTB_TIMEDELTA", "true")  # or python-telegram-bot warns whenever it is told to wait
