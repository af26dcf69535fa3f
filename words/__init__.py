"""How do we say it? A message is a value (`Say`) until it is sent; its text is made then, in the reader's language."""

from words.phones import plain_phone
from words.say import Say, Value, pack, say, unpack
from words.voice import LANGUAGES, Voice, catalogue_ids

__all__ = ["LANGUAGES", "Say", "Value", "Voice", "catalogue_ids", "pack", "plain_phone", "say", "unpack"]
