"""A message as a value: a symbolic id and what fills it. It can be stored, and said later in any language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Union

Value = Union[str, int, float, bool, None, date, datetime, "Say", Sequence["Value"]]


@dataclass(frozen=True)
class Say:
    """`id` names an entry of the catalogues; a list of values is said line by line."""

    id: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def but(self, **values: Value) -> Say:
        return Say(self.id, {**self.values, **values})


def say(message_id: str, /, **values: Value) -> Say:
    return Say(message_id, values)


def pack(value: Value) -> Any:
    """The value as plain JSON: times as {"at": …}, days as {"on": …}, messages as {"say": …}."""
    match value:
        case Say(id=message_id, values=values):
            return {"say": message_id, **{name: pack(each) for name, each in values.items()}}
        case datetime():
            return {"at": value.isoformat()}
        case date():
            return {"on": value.isoformat()}
        case None | str() | int() | float():
            return value
        case _:
            return [pack(each) for each in value]


def unpack(stored: Any) -> Value:
    match stored:
        case {"say": message_id, **values}:
            return Say(message_id, {str(name): unpack(each) for name, each in values.items()})
        case {"at": moment}:
            return datetime.fromisoformat(moment)
        case {"on": day}:
            return date.fromisoformat(day)
        case list():
            return [unpack(each) for each in stored]
        case _:
            return stored  # type: ignore[no-any-return]
