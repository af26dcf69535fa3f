"""The house, and everything in it in step: the database with this release, the clocks with rulebook and staff."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from bot.config import Config
from models import (
    assessments,
    duties,
    filings,
    opening_reports,
    plans,
    registers,
    rulebook_file,
    rulebooks,
    scores,
    spot_checks,
    surveys,
)
from models.people import Assignment, Staff, company, key, seats
from models.present import in_force
from models.store import Store
from rules.calendar import Calendar
from rules.house import House, Keeping
from rules.roles import Role
from rules.rulebook import load as load_rulebook
from scheduler import digest


def open_house(config: Config, store: Store, now: datetime) -> House:
    """Bring the database and its clocks in step with this release, the rulebook and the staff. Raises `RulebookError`."""
    text = config.rulebook.path.read_text(encoding="utf-8")
    load_rulebook(text, str(config.rulebook.path))
    store.upgrade()
    version = store.run_here(rulebook_file.take_in, text, str(config.rulebook.path), now)
    text = store.run_here(rulebooks.text_of, version) or text
    house = House(
        company=config.company.name,
        province=config.company.province,
        calendar=Calendar(ZoneInfo(config.company.timezone), work=config.hours.work),
        rulebook=rulebooks.loaded(text),
        rulebook_version=version,
        language=config.company.language,
        quiet=config.hours.as_quiet(),
        digest=config.hours.digest,
        masks=config.privacy.mask_notifications,
        export_reason_above=config.privacy.export_reason_above,
        survey_address=config.survey_page.url.rstrip("/"),
        keeping=Keeping(config.privacy.seal_after_years, config.backup.keep_days, config.backup.keep_monthly),
    )
    house = store.run_here(in_force, house)
    store.run_here(settle_in, house, config.admin.telegram_ids, now)
    return house


def settle_in(session: Session, house: House, admins: list[int], now: datetime) -> None:
    """What the company as it stands calls for: first administrators, duties, digests."""
    for number in admins:
        _administrator(session, number, now)
    duties.sync(session, house, now)
    filings.sync(session, house, now)
    in_step(session, house, now)


def in_step(session: Session, house: House, now: datetime) -> None:
    """What each unit and department owes of a period, and everybody's digest; again after staff and customers came from a list."""
    for each in (registers, opening_reports, surveys, plans, assessments, spot_checks, scores):
        each.sync(session, house, now)
    digest.ensure(session, house, now)


def _administrator(session: Session, telegram_id: int, now: datetime) -> None:
    staff = session.exec(select(Staff).where(Staff.telegram_id == telegram_id)).first()
    if staff is None:
        staff = Staff(number=f"ADMIN{telegram_id}", name="管理员", telegram_id=telegram_id)
        session.add(staff)
        session.flush()
    if all(seat.role != Role.ADMIN for seat in seats(session, key(staff), now)):
        session.add(Assignment(staff_id=key(staff), role=Role.ADMIN, unit_id=key(company(session)), starts=now))
