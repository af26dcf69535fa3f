"""The file that lies on somebody's phone, read back."""

from __future__ import annotations

from io import BytesIO

from python_calamine import CalamineWorkbook

from tests.office import Office, Person


def content(office: Office, who: Person) -> bytes:
    attachment = who.last().attachment
    assert attachment is not None
    stored = office.telegram.world().files.find(attachment.file_id or "")
    assert stored is not None
    assert stored.name.endswith(".xlsx")
    return stored.content


def table(office: Office, who: Person) -> list[list[str]]:
    sheet = CalamineWorkbook.from_filelike(BytesIO(content(office, who))).get_sheet_by_index(0)
    return [[str(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
