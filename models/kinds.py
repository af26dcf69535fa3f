"""Column types that every table shares."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlmodel import Field

Json = dict[str, Any]


def json_field() -> Any:
    return Field(default_factory=dict, sa_type=JSON)


def json_list() -> Any:
    return Field(default_factory=list, sa_type=JSON)


def exact_text() -> Any:
    """Text compared byte by byte, so that a range of it is a prefix on both databases."""
    return String().with_variant(String(collation="C"), "postgresql")


__all__ = ["Json", "datetime", "exact_text", "json_field", "json_list"]
