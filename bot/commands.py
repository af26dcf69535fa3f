"""The command line: `keguan run`, `check`, `rules`, `import`, `invite`, `backup`, `restore`, `audit`, `read`.

Exit 0 done, 1 a problem was found, 2 wrong use or configuration; an error is one sentence on stderr.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NoReturn
from zoneinfo import ZoneInfo

from sqlmodel import Session, select
from telegram.error import TelegramError

from bot import logs
from bot.asking import understood
from bot.backup_commands import backup, backup_options, put_back, restore_options
from bot.checking import BAD, bot_name, findings
from bot.clock import Clock
from bot.config import Config, ConfigError
from bot.imports import Import, Outcome, reject_file, run_import
from bot.opening import DEFAULT, open_company, open_store, read_config, read_rulebook
from bot.running import run
from bot.sentences import CHINESE, ENGLISH, RefusedError, sentence
from bot.tables import Table, read_table
from bot.verdicts import audited
from models import audit
from models.importing import HeadingsError, code
from models.invitations import GOOD_FOR, invite
from models.people import Staff, key
from reading.dates import Direction
from rules.calendar import Calendar
from rules.rulebook import RulebookError

DONE, PROBLEM, WRONG_USE = 0, 1, 2
SHOWN: Final = 20
"""Wrong rows that are named on the screen when all of them are in a file."""


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_USE, f"{self.prog}: {message}; {self.prog} --help\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code; wrong use ends the program in argparse's way, with 2."""
    _speak_utf8()
    asked = _parser().parse_args(arguments)
    language, redact = CHINESE, logs.Redactor()
    try:
        config = read_config(asked.config)
        language, redact = config.company.language, logs.Redactor(logs.secrets_of(config))
        return int(asked.command(config, asked))
    except RefusedError as refused:
        return _fail(redact(sentence(refused.key, language, **refused.values)), refused.code)
    except (ConfigError, RulebookError, HeadingsError) as wrong:
        return _fail(redact(str(wrong)))
    except BrokenPipeError:  # the reader had enough, as `keguan rules | head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:  # Python's own way would show what it quotes: rows, addresses, somebody's words
        return _fail(redact(logs.traced(error)), PROBLEM)
    except KeyboardInterrupt:
        print(sentence("stopped", language), file=sys.stderr)
        return PROBLEM


def _fail(text: str, code: int = WRONG_USE) -> int:
    print(text, file=sys.stderr)
    return code


def _speak_utf8() -> None:
    """Chinese comes in and goes out whole, whatever the terminal's locale."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower() != "utf-8":
            stream.reconfigure(encoding="utf-8", errors="replace")


def _parser() -> Parser:
    everywhere = Parser(add_help=False)
    everywhere.add_argument(
        "--config", type=Path, metavar="FILE", default=argparse.SUPPRESS, help="配置文件，默认 config.toml"
    )
    parser = Parser(prog="keguan", description="客管：按公司制度办事的客户服务助手")
    parser.add_argument("--config", type=Path, metavar="FILE", help="配置文件，默认 config.toml")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, does: Callable[[Config, argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, parents=[everywhere], help=text, description=text)
        made.set_defaults(command=does)
        return made

    command("run", _run, "运行机器人 / run the bot")
    command("check", _check, "检查配置、制度簿、令牌、数据库 / check config, rulebook, token, database")
    _rules_options(command("rules", _rules, "列出制度簿 / print the rulebook"))
    _import_options(command("import", _import, "导入人员或客户 / import staff or customers"))
    command("invite", _invite, "发一次性邀请码 / make a one-time code").add_argument("number", metavar="STAFF_NO")
    command("audit", _audit, "核对审计链 / verify the audit chain").add_argument(
        "--head",
        metavar="N:MAC",
        help="早间消息里的链头，一并核对 / a head from the morning message, to be found in the chain",
    )
    backup_options(command("backup", backup, "备份数据库，可以边运行边做 / back up the database, while the bot works"))
    restore_options(command("restore", put_back, "从备份恢复；恢复后先不发送 / restore a backup; sending is held"))
    _read_options(command("read", _read, "机器人怎样理解一句话 / how the bot would understand a line"))
    return parser


def _rules_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lang", choices=("zh", "en"), help="默认用 company.language / default: company.language")


def _import_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=("staff", "customers"))
    parser.add_argument("file", type=Path, metavar="FILE", help=".xlsx 或 .csv / .xlsx or .csv")
    parser.add_argument("--dry-run", action="store_true", help="只检查，不写入 / check only, write nothing")
    parser.add_argument("--good-only", action="store_true", help="只导入没有错的行 / take the good rows only")


def _read_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("texts", nargs="+", metavar="TEXT", help="每个 TEXT 是一句；- 从标准输入逐行读")
    parser.add_argument("--now", metavar="ISO", help="把现在当作这个时间 / the time that counts as now")
    parser.add_argument("--past", action="store_true", help="单独的日期往过去理解 / a bare date lies in the past")


def _run(config: Config, asked: argparse.Namespace) -> int:
    logs.set_up(config)
    with logs.of_threads():
        run(config, asked.config or DEFAULT)
    return DONE


def _check(config: Config, asked: argparse.Namespace) -> int:
    redact = logs.Redactor(logs.secrets_of(config))
    code_ = DONE
    for finding in findings(config, asked.config or DEFAULT):
        print(redact(str(finding)), flush=True)
        code_ = PROBLEM if finding.mark == BAD else code_
    return code_


def _rules(config: Config, asked: argparse.Namespace) -> int:
    language = {"zh": CHINESE, "en": ENGLISH}.get(asked.lang, config.company.language)
    for entry in read_rulebook(config).entries:
        print(f"{entry.id}\t{entry.article}\t{entry.says_en if language == ENGLISH else entry.says}")
    return DONE


def _import(config: Config, asked: argparse.Namespace) -> int:
    table = read_table(asked.file)
    now = Clock().now()
    wish = Import(
        kind=asked.kind,
        table=table,
        name=asked.file.name,
        now=now,
        admins=config.admin.telegram_ids,
        dry_run=asked.dry_run,
        good_only=asked.good_only,
    )
    with open_company(config, now) as (store, house):
        outcome = run_import(store, house, wish, _progress(config.company.language, asked.kind))
    return _report(config.company.language, asked, table, outcome)


def _progress(language: str, kind: str) -> Callable[[int, int], None]:
    """A line that counts, where somebody looks on."""

    def show(done: int, total: int) -> None:
        if sys.stderr.isatty():
            end = "\n" if done == total else ""
            print("\r" + sentence("progress", language, verb=kind, done=done, total=total), end=end, file=sys.stderr)

    return show


def _report(language: str, asked: argparse.Namespace, table: Table, outcome: Outcome) -> int:
    review, tally = outcome.review, outcome.tally
    if outcome.ignored:
        print(sentence("ignored", language, names="、".join(outcome.ignored)))
    problems = [*review.problems, *review.remarks]
    shown = problems if asked.dry_run else problems[:SHOWN]
    for problem in sorted(shown, key=lambda each: each.line):
        print(problem)
    if len(problems) > len(shown):
        print(sentence("more_problems", language, count=len(problems) - len(shown)))
    if review.problems and not asked.dry_run:
        target, count = reject_file(asked.file, table, review)
        print(sentence("rejected", language, count=count, path=target))
    if review.problems and not outcome.written and not asked.dry_run:
        print(sentence("nothing_written", language), file=sys.stderr)
        return PROBLEM
    counts = {"added": len(tally.added), "changed": len(tally.changed), "unchanged": tally.unchanged}
    start = sentence("dry_run", language) if asked.dry_run else ""
    print(start + sentence("tally", language, bad=len(review.bad_lines), **counts))
    return PROBLEM if review.problems else DONE


def _invite(config: Config, asked: argparse.Namespace) -> int:
    number, now, language = code(asked.number), Clock().now(), config.company.language
    with open_store(config) as store:
        store.upgrade()
        name, secret = store.run_here(_new_code, number, now)
    minutes = int(GOOD_FOR.total_seconds() // 60)
    print(sentence("invited", language, name=name, number=number, minutes=minutes, code=secret))
    link = _link(config, secret)
    if link:
        print(sentence("invited_link", language, link=link))
    return DONE


def _new_code(session: Session, number: str, now: datetime) -> tuple[str, str]:
    staff = session.exec(select(Staff).where(Staff.number == number, Staff.active)).first()
    if staff is None:
        raise RefusedError("no_staff", number=number)
    audit.record(session, now, None, "staff.invite", f"staff:{key(staff)}")
    return staff.name, invite(session, staff, now)


def _audit(config: Config, asked: argparse.Namespace) -> int:
    lines, whole = audited(config, asked.head)
    print("\n".join(lines))
    return DONE if whole else PROBLEM


def _link(config: Config, secret: str) -> str | None:
    """The link that opens the bot with the code; none where Telegram can't be asked for the bot's name."""
    if not config.telegram.token.get_secret_value():
        return None
    try:
        return f"https://t.me/{asyncio.run(bot_name(config, 5.0))}?start={secret}"
    except (TelegramError, TimeoutError):
        return None


def _read(config: Config, asked: argparse.Namespace) -> int:
    calendar = Calendar(ZoneInfo(config.company.timezone))
    now = _moment(asked.now, calendar) if asked.now else calendar.local(Clock().now())
    direction = Direction.PAST if asked.past else Direction.FUTURE
    with open_store(config) as store:
        store.upgrade()
        with store.read() as session:
            for answer in understood(session, _lines(asked.texts), now, direction, calendar):
                print(answer, flush=True)
    return DONE


def _moment(text: str, calendar: Calendar) -> datetime:
    """With its own zone, otherwise the company's."""
    try:
        moment = datetime.fromisoformat(text)
        local = moment if moment.tzinfo else calendar.at(moment.date(), moment.time())
        return calendar.local(local.astimezone(UTC))
    except (ValueError, OverflowError):
        raise RefusedError("wrong_now", text=text) from None


def _lines(texts: Iterable[str]) -> Iterable[str]:
    for text in texts:
        if text == "-":
            yield from (line.rstrip("\r\n") for line in sys.stdin)
        else:
            yield text
