"""What the command line says, in both languages: one sentence that says what is the matter, where, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

CHINESE, ENGLISH = "zh_CN", "en"

SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "config_missing": (
        "找不到配置文件 {path}：请照 config.example.toml 写一份，或用 --config 指出它在哪里",
        "{path}: no such file; copy config.example.toml to it, or say with --config where it is",
    ),
    "rulebook_missing": (
        "找不到制度簿 {path}：请检查 rulebook.path（或 KEGUAN_RULEBOOK__PATH）",
        "{path}: no rulebook there; set rulebook.path (or KEGUAN_RULEBOOK__PATH)",
    ),
    "not_text": ("{path} 不是 UTF-8 文本：请另存为 UTF-8", "{path} is not UTF-8 text; save it as UTF-8"),
    "no_token": (
        "没有机器人的令牌：请在 {path} 填写 telegram.token 或 token_file，或设置 KEGUAN_TELEGRAM__TOKEN（向 @BotFather 申请）",
        "no bot token: set telegram.token or token_file in {path}, or KEGUAN_TELEGRAM__TOKEN (ask @BotFather for one)",
    ),
    "token_file": (
        "令牌文件 {path} 读不了（{reason}）：请核对 telegram.token_file",
        "the token file {path} can't be read ({reason}); check telegram.token_file",
    ),
    "token_from_environment": (
        "令牌来自环境变量 KEGUAN_TELEGRAM__TOKEN",
        "the token comes from the environment: KEGUAN_TELEGRAM__TOKEN",
    ),
    "token_from_config": ("令牌来自配置文件 {path}", "the token comes from the configuration {path}"),
    "token_from_file": ("令牌来自文件 {path}", "the token comes from the file {path}"),
    "token_from_credentials": (
        "令牌来自 systemd 的凭据 {path}",
        "the token comes from systemd's credentials: {path}",
    ),
    "token_exposed": (
        "{where}；这台机器上的其他人也能读它：请运行 chmod 600 {path}",
        "{where}; others on this machine can read it: run chmod 600 {path}",
    ),
    "token_refused": (
        "{base_url} 不接受这个令牌：请核对 telegram.token 和 telegram.base_url",
        "{base_url} refused the token; check telegram.token and telegram.base_url",
    ),
    "webhook_listen": (
        "telegram.webhook_listen = {value} 看不懂：请写 地址:端口，例如 127.0.0.1:8080",
        "telegram.webhook_listen = {value} can't be read; write host:port, as 127.0.0.1:8080",
    ),
    "webhook_url": (
        'telegram.mode 是 "webhook"，还要填 telegram.webhook_url（https:// 开头的公网地址）',
        'telegram.mode is "webhook": set telegram.webhook_url too, the public address, beginning with https://',
    ),
    "survey_listen": (
        "survey_page.listen = {value} 看不懂：请写 地址:端口，例如 127.0.0.1:8090",
        "survey_page.listen = {value} can't be read; write host:port, as 127.0.0.1:8090",
    ),
    "survey_url": (
        "survey_page.url = {value} 不行：请写 https:// 开头的公网地址；链接是客户的密钥，不能明文传送",
        "survey_page.url = {value} won't do; write the public address, beginning with https://: links are secrets",
    ),
    "base_url": (
        "telegram.base_url = {value} 看不懂：请写 https://api.telegram.org/bot 这样的地址",
        "telegram.base_url = {value} can't be read; write an address like https://api.telegram.org/bot",
    ),
    "proxy_url": (
        "telegram.proxy_url 看不懂：请写 http://主机:端口 或 socks5://主机:端口",
        "telegram.proxy_url can't be read; write http://host:port or socks5://host:port",
    ),
    "database_url": (
        "看不懂 database.url：请写 sqlite:///文件 或 postgresql://用户:密码@主机/库",
        "database.url can't be read; write sqlite:///file or postgresql://user:password@host/name",
    ),
    "database": (
        "数据库 {url} 用不了（{reason}）：请核对 database.url，确认它在运行、能读写",
        "the database {url} can't be used ({reason}); check database.url, that it runs and can be written",
    ),
    "database_busy": (
        "数据库 {url} 正忙，什么也没有写入：请稍后再试",
        "the database {url} is busy, nothing was written; try again in a moment",
    ),
    "newer_schema": (
        "数据库 {url} 是由更新的版本写的（{revision}）：请用那个版本，不要用旧版本打开",
        "the database {url} was written by a newer release ({revision}); use that release",
    ),
    "second_process": (
        "另一个 keguan 正在用 {database}（锁文件 {lock}）：请先停掉它",
        "another keguan is running on {database} (lock file {lock}); stop that one first",
    ),
    "standing_by": (
        "另一个 keguan 正在领班，本进程待命，每 {seconds} 秒试一次接班",
        "another keguan leads; standing by, trying every {seconds} s to take over",
    ),
    "leading": ("本进程接班", "leading now"),
    "lost_lead": (
        "丢失了数据库的领班连接（{reason}）：进程退出，由系统重新启动",
        "the leader's connection to the database was lost ({reason}); ending, to be started again",
    ),
    "starting": ("已启动，等待接班", "started, waiting to lead"),
    "at_work": ("工作中", "at work"),
    "watch_ended": (
        "{part} 已有 {seconds} 秒没有成功：进程退出，由系统重新启动",
        "{part}: no success for {seconds} s; the process ends, to be started again",
    ),
    "no_staff": (
        "没有工号为 {number} 的在职人员：请先用 keguan import staff 导入",
        "nobody with number {number} works here; import the staff first (keguan import staff FILE)",
    ),
    "invited": (
        "{name}（{number}）请在 {minutes} 分钟内私聊机器人发送：/start {code}",
        "{name} ({number}): within {minutes} minutes send the bot in a private chat: /start {code}",
    ),
    "invited_link": ("或打开：{link}", "or open: {link}"),
    "wrong_now": (
        "看不懂 --now {text}：请写 2026-11-25T10:00 或带时区的 2026-11-25T10:00+08:00",
        "--now {text} can't be read; write 2026-11-25T10:00, or with a zone 2026-11-25T10:00+08:00",
    ),
    "file_missing": ("找不到文件 {path}", "{path}: no such file"),
    "file_kind": (
        "{path} 不是 .xlsx 或 .csv：请在 Excel 里另存为其中一种",
        "{path} is neither .xlsx nor .csv; save it as one of these",
    ),
    "file_unreadable": (
        "{path} 打不开（{reason}）：请重新另存为 .xlsx 或 .csv",
        "{path} can't be read ({reason}); save it again as .xlsx or .csv",
    ),
    "file_encoding": (
        "{path} 的编码看不懂：请另存为“CSV UTF-8”",
        "{path}: unknown text encoding; save it as CSV UTF-8",
    ),
    "file_large": (
        "{path} 太大（超过 {most}）：请分成几个文件",
        "{path} is too large (more than {most}); split it",
    ),
    "file_locked": (
        "{path} 有密码，或者是旧的 .xls：请去掉密码，在 Excel 里另存为 .xlsx",
        "{path} has a password or is an old .xls; take the password off and save it as .xlsx",
    ),
    "file_macros": (
        "{path} 带有宏：请另存为不带宏的 .xlsx",
        "{path} has macros in it; save it as an .xlsx without macros",
    ),
    "file_entities": (
        "{path} 不是表格软件存的：请在 Excel 里重新另存为 .xlsx",
        "{path} was not written by a spreadsheet program; save it again as .xlsx",
    ),
    "file_cell": (
        "{path} 第 {line} 行有一格超过 {most} 个字：请改短",
        "{path}, row {line}: a cell has more than {most} characters; shorten it",
    ),
    "file_empty": ("{path} 是空的：第一行应为列名", "{path} is empty; its first row should be the headings"),
    "check_config": ("配置：{path}", "config: {path}"),
    "check_no_config": (
        "配置：没有 {path}，用环境变量和默认值",
        "config: no {path}; the environment and the defaults are used",
    ),
    "check_rulebook": ("制度簿：{path}，{count} 条", "rulebook: {path}, {count} entries"),
    "check_rules_kept": (
        "制度簿：聊天里批准的改动 {numbers} 不在 {path} 里，按批准的执行；在聊天里用 /rules 导出的文件可以替换它",
        "rulebook: {path} does not say {numbers}, approved in the chat, which hold; the file exported by /rules may replace it",
    ),
    "check_wrong": ("制度簿：{problem}", "rulebook: {problem}"),
    "check_token": ("令牌：@{name}（{base_url}）", "token: @{name} ({base_url})"),
    "check_no_token": ("令牌：没有填写，没有试连。{why}", "token: not tried. {why}"),
    "check_bad_token": ("令牌：{why}", "token: {why}"),
    "check_unreachable": (
        "令牌：连不上 {base_url}（{reason}）：请检查网络和 telegram.proxy_url",
        "token: {base_url} can't be reached ({reason}); check the network and telegram.proxy_url",
    ),
    "check_database": ("数据库：{url}", "database: {url}"),
    "check_bad_database": ("数据库：{why}", "database: {why}"),
    "check_alarms": ("警报：{count} 个地址", "alarms: {count} addresses"),
    "check_no_alarms": (
        "警报：没有填写 alarm.urls，Telegram 出故障时没有人会知道",
        "alarms: alarm.urls is empty; nobody will hear of it when Telegram fails",
    ),
    "check_bad_alarm": (
        "警报：看不懂 alarm.urls 的第 {number} 个地址，请照 apprise 的写法填写，例如 wecombot://…、mailto://…、json://…",
        "alarms: address {number} of alarm.urls can't be read; write it as apprise does, as wecombot://…, mailto://… or json://…",
    ),
    "ignored": ("不认识的列，没有导入：{names}", "headings not known, ignored: {names}"),
    "more_problems": ("…… 另有 {count} 处", "… and {count} more"),
    "rejected": (
        "有错的 {count} 行已写到 {path}，改好后再导入一次",
        "{count} wrong rows were written to {path}; put them right and import them again",
    ),
    "nothing_written": (
        "什么也没有导入：改好再来，或用 --good-only 只导入没有错的行",
        "nothing was imported; put it right, or use --good-only to take the good rows only",
    ),
    "dry_run": ("试运行，没有写入：", "dry run, nothing was written: "),
    "tally": (
        "新增 {added}，更新 {changed}，不变 {unchanged}，有错 {bad} 行",
        "{added} added, {changed} changed, {unchanged} unchanged, {bad} wrong rows",
    ),
    "key_missing": (
        "审计链已有记录，却没有密钥文件 {path}：请放回副本；确实丢了就写一个新的（openssl rand -base64 32），旧链节将无法核对",
        "the audit chain has links and the key file {path} is not there; bring back its copy, or, if it is lost for good, write "
        "a new one (openssl rand -base64 32): older links can't be verified then",
    ),
    "posted_head": (
        "--head {text} 看不懂：请照早间消息抄写，例如 812:9f3a61c0d2e4b7a1",
        "--head {text} can't be read; copy it from the morning message, as 812:9f3a61c0d2e4b7a1",
    ),
    "progress": ("{verb} {done}/{total}", "{verb} {done}/{total}"),
    "stopped": ("已停止", "stopped"),
    "key_file": (
        "密钥文件 {path} 用不了（{reason}）：请核对 secrets.key_file；恢复备份要用做备份时的那个密钥文件",
        "the key file {path} can't be used ({reason}); check secrets.key_file; a backup needs the key file it was made with",
    ),
    "backup_done": (
        "已备份到 {path}（{size}，{tables} 张表 {rows} 行），并试恢复核对无误；恢复时需要密钥文件 {key_file}，请另行妥善保存",
        "backed up to {path} ({size}, {tables} tables, {rows} rows) and restored once to check it; restoring needs the"
        " key file {key_file}: keep it safe, elsewhere",
    ),
    "backup_exists": (
        "{path} 已经存在：备份不覆盖旧文件，请换一个文件名",
        "{path} is there already; a backup never overwrites: choose another name",
    ),
    "backup_running": (
        "另一个备份或恢复正在使用 {url}：请等它结束再试",
        "another backup or restore of {url} is under way; try again when it is over",
    ),
    "backup_failed": (
        "备份没有做成，{path} 没有写出（{reason}）：请检查磁盘空间和权限后再试",
        "the backup was not made, {path} was not written ({reason}); check disk space and permissions and try again",
    ),
    "backup_tool": (
        "找不到 {tool}：备份和恢复 PostgreSQL 要用它，请安装 PostgreSQL 客户端（版本不低于服务器）并放进 PATH",
        "{tool} is not on the PATH; install PostgreSQL's client programs, not older than the server",
    ),
    "backup_createdb": (
        "数据库用户没有建库或改名的权限（{reason}）：核对备份要用，请执行 ALTER ROLE 用户 CREATEDB，并让它拥有 {url}",
        "the database role may not create or rename databases ({reason}); backups are checked in a scratch database:"
        " ALTER ROLE … CREATEDB, and let it own {url}",
    ),
    "backup_upgrade": (
        "升级 {url} 之前的备份没有做成，所以没有升级（{reason}）",
        "{url} was not upgraded: the backup before the upgrade was not made ({reason})",
    ),
    "backup_not_ours": (
        "{path} 不是 keguan 的备份，什么也没有改动：请核对文件",
        "{path} is no backup of keguan, nothing was changed; check the file",
    ),
    "backup_newer": (
        "{path} 的格式来自更新的版本，什么也没有改动：请用那个版本恢复",
        "{path} has the format of a newer release, nothing was changed; restore it with that release",
    ),
    "backup_other_key": (
        "{path} 是用另一个密钥文件做的，不是 {key_file}，什么也没有改动：请把 secrets.key_file 指向做备份时的那个",
        "{path} was made with another key file than {key_file}, nothing was changed; point secrets.key_file to that one",
    ),
    "backup_damaged": (
        "{path} 不完整或被改动过，不能用，什么也没有改动：请换一个备份",
        "{path} was cut off or changed and can't be used, nothing was changed; take another backup",
    ),
    "backup_broken": (
        "{path} 恢复后核对不上（{reason}），什么也没有改动：请换一个备份",
        "{path} does not hold what it should ({reason}), nothing was changed; take another backup",
    ),
    "backup_engine": (
        "{path} 是 {theirs} 的备份，而 database.url 是 {ours}，什么也没有改动：请改 database.url",
        "{path} is a backup of {theirs} and database.url is {ours}, nothing was changed; change database.url",
    ),
    "backup_schema": (
        "{path} 由更新的版本备份（{revision}），什么也没有改动：请用那个版本恢复",
        "{path} was made by a newer release ({revision}), nothing was changed; restore it with that release",
    ),
    "restore_running": (
        "还有 keguan 或别的程序连着 {url}，什么也没有改动：请先停掉它们再恢复",
        "keguan or another program is using {url}, nothing was changed; stop it first",
    ),
    "restore_not_empty": (
        "{url} 里已有数据，什么也没有改动：确实要换成备份的内容，请加 --replace（旧库改名保留）",
        "{url} is not empty, nothing was changed; to put the backup in its place add --replace (the old database is kept aside)",
    ),
    "restored": (
        "已从 {path} 恢复（{made_at} 的备份，{rows} 行）",
        "restored from {path} (backup of {made_at}, {rows} rows)",
    ),
    "restore_aside": ("原来的数据库保留为 {aside}", "the database that was there is kept as {aside}"),
    "restore_held": (
        "发送已暂停：机器人启动后只收不发，收到的消息先存着。核对数据无误后运行 keguan restore --release 恢复发送",
        "sending is held: once started, the bot keeps what comes in and says nothing. Look at the data, then run"
        " keguan restore --release",
    ),
    "restore_not_held": (
        "{url} 的发送没有暂停，不需要确认",
        "sending is not held on {url}; there is nothing to release",
    ),
    "restore_released": (
        "恢复发送：待发消息 {messages} 条，待处理 {updates} 条，恢复期间到期 {clocks} 项；备份前已发过的不再发，"
        "备份时正在路上的上报和回执会注明「重发，可能重复」",
        "sending goes on: {messages} messages waiting, {updates} updates to handle, {clocks} clocks due meanwhile; what was sent"
        " before the backup is not sent again, escalations and receipts that were on their way then are marked as possible repeats",
    ),
    "running_held": (
        "数据库是从 {made_at} 的备份恢复的，发送暂停中，收到的消息先存着：核对后运行 keguan restore --release",
        "the database was restored from a backup of {made_at}; sending is held and what comes in is kept: look at the data, then"
        " run keguan restore --release",
    ),
    "check_backup": ("备份：{folder}，最近一次 {newest}", "backups: {folder}, the last one {newest}"),
    "check_no_backup": ("备份：{folder} 里还没有备份", "backups: none in {folder} yet"),
    "check_survey_page": (
        "满意度网页：{url}，在本机 {listen} 监听",
        "survey page: {url}, listening on {listen} here",
    ),
    "check_no_survey_page": (
        "满意度网页：没有设置 survey_page.url，客户不能自己填写，只由员工打电话问",
        "survey page: survey_page.url is not set; customers can't answer by themselves, staff ask by phone",
    ),
    "check_backups_off": (
        "备份：没有设置 backup.folder，不自动备份",
        "backups: backup.folder is not set, none are made",
    ),
}


class RefusedError(Exception):
    """Wrong use or configuration: the sentence by its key, with what fills it."""

    code = 2

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(sentence(key, ENGLISH, **values))
        self.key = key
        self.values = values


class ProblemError(RefusedError):
    """Nothing wrong with what was asked: something is wrong with what is there."""

    code = 1


def sentence(key: str, language: str, /, **values: object) -> str:
    chinese, english = SENTENCES[key]
    return (english if language == ENGLISH else chinese).format(**values)
