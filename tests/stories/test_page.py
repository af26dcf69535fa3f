"""The page in a real browser, on a running demo: a newcomer takes the tour, from the first line to the arrival on site."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from typing import Any
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from simulator.server import PAGE
from tests.demo import ROOT, Page
from tests.office import START
from tests.picture import keep
from words import LANGUAGES, Voice

BROWSERS = ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LAPTOP, POCKET = (1600, 1000), (390, 844)
SALESPERSON, HEAD, VICE_PRESIDENT, SALES = "李雪", "何建国", "魏立群", "肖红"
PICTURE = ROOT / "docs" / "page.png"
"""Kept anew with KEGUAN_KEEP_PICTURE=1 (`make picture`)."""
PATIENCE = 40
"""Seconds; a day of the simulated clock takes the most of them."""
UTC = ZoneInfo("UTC")
SHOW_PHONES = """
document.getElementById("tour").hidden = arguments[0];
for (const each of document.querySelectorAll(".log")) each.scrollTop = each.scrollHeight;
"""
KEYS = """
const done = arguments[0], keys = (words) => Object.keys(words).flatMap((each) =>
  typeof words[each] === "object" ? [each, ...Object.keys(words[each])] : [each]);
import("/page/words.js").then(({ WORDS }) => done([keys(WORDS.zh), keys(WORDS.en)]));
"""


class Screen:
    """The page as somebody sees it and uses it."""

    def __init__(self, browser: webdriver.Chrome) -> None:
        self.browser = browser
        self.waits = WebDriverWait(browser, PATIENCE, 0.1, (StaleElementReferenceException, WebDriverException))

    def opens(self, address: str, size: tuple[int, int]) -> None:
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.browser.get(address)
        self.until("the phones are there", self.phones)

    def until(self, what: str, holds: Callable[[], Any]) -> Any:
        return self.waits.until(lambda _: holds(), f"never: {what}; the tour says {self.tour()!r}")

    def find(self, selector: str) -> WebElement:
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def phones(self) -> list[str]:
        """The names on the phones that can be seen."""
        faces = self.browser.find_elements(By.CSS_SELECTOR, ".phone .who h2")
        return [each.text for each in faces if each.is_displayed()]

    def tour(self) -> str:
        """How far the tour is: 1/7 … 7/7, ✓, or nothing."""
        return self.find("#tour-count").text

    def presses(self, selector: str) -> None:
        self.until(f"{selector} can be pressed", lambda: self.find(selector).click() or True)

    def reads(self, name: str, *texts: str) -> None:
        """The newest messages on that person's phone say so."""
        log = f".phone[aria-label^='{name}'] .log"
        for text in texts:
            self.until(f"{name} reads {text}", lambda text=text: text in self.find(log).get_attribute("textContent"))

    def step(self, number: str, *presses: str) -> None:
        """At that step of the tour: press what stands out, which must be called so."""
        self.until(f"step {number}", lambda: self.tour() == number)
        for label in presses:
            self.until(f"{label} stands out", lambda label=label: self.find(".touring").text == label)
            self.presses(".touring")

    def writes(self, number: str) -> None:
        """At that step of the tour: have the line filled in, and send it."""
        self.until(f"step {number}", lambda: self.tour() == number)
        self.presses("#tour-fill")
        self.presses(".send.touring")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    program = next((found for each in BROWSERS if (found := shutil.which(each))), None)
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("no chromium with chromedriver here: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('browser')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})  # type: ignore[no-untyped-call]
    browser = webdriver.Chrome(options=options, service=Service(driver))
    yield browser
    browser.quit()


@pytest.fixture(scope="module")
def demo(browser: webdriver.Chrome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    demo = Page(tmp_path_factory.mktemp("demo"))
    yield demo
    demo.ends()


@pytest.fixture
def screen(browser: webdriver.Chrome) -> Screen:
    return Screen(browser)


def test_a_newcomer_takes_the_tour_from_a_line_to_the_arrival_on_site(demo: Page, screen: Screen) -> None:
    screen.opens(demo.address, LAPTOP)
    assert screen.phones() == [SALESPERSON, HEAD, VICE_PRESIDENT, SALES]
    screen.presses("#tour-open")

    screen.writes("1/7")
    screen.step("2/7", "保存")
    screen.reads(SALESPERSON, "LX-", "谈了三季度配方")
    screen.step("3/7", "客户卡")
    screen.reads(SALESPERSON, "最近沟通")

    screen.writes("4/7")
    screen.step("4/7", "保存")
    screen.reads(SALES, "新投诉 TS-2026-0007")
    screen.step("5/7", "+1 天")
    for name in (SALESPERSON, HEAD, VICE_PRESIDENT):
        screen.reads(name, "TS-2026-0007 时限已到")

    screen.step("6/7", "确认收到")
    screen.reads(HEAD, "✔️ 已确认收到")
    if os.environ.get("KEGUAN_KEEP_PICTURE"):
        keep_picture(screen)

    screen.step("7/7", "到场处理", "刚才", "保存")
    screen.reads(SALES, "TS-2026-0007 李雪 已到场处理")
    screen.until("the end", lambda: screen.tour() == "✓")
    screen.presses("#tour-leave")
    assert not screen.find("#tour").is_displayed()
    assert screen.browser.get_log("browser") == []  # type: ignore[no-untyped-call]


def keep_picture(screen: Screen) -> None:
    """The four phones with their newest messages, without the tour."""
    screen.until("the toast is gone", lambda: not screen.browser.find_elements(By.CSS_SELECTOR, ".toast"))
    screen.browser.execute_script(SHOW_PHONES, True)
    keep(screen.browser, PICTURE)
    screen.browser.execute_script(SHOW_PHONES, False)


def test_on_a_narrow_screen_one_phone_is_seen_at_a_time(demo: Page, screen: Screen) -> None:
    screen.opens(demo.address, POCKET)
    assert screen.phones() == [SALESPERSON]
    screen.presses("#tabs button:nth-child(2)")
    assert screen.phones() == [HEAD]
    wide = screen.browser.execute_script("return document.documentElement.scrollWidth")  # type: ignore[no-untyped-call]
    assert wide == POCKET[0], "nothing sticks out to the side"


def test_a_photo_is_a_picture_and_a_document_a_file_to_be_had(demo: Page, screen: Screen) -> None:
    screen.opens(demo.address, LAPTOP)
    for verb in ("photo", "document", "voice", "location"):
        demo.does(VICE_PRESIDENT, verb)
    bubble = f".phone[aria-label^='{VICE_PRESIDENT}'] .attachment"
    screen.until("a picture", lambda: int(screen.find(f"{bubble} img").get_attribute("naturalWidth") or 0) > 100)
    file = screen.until("a file", lambda: screen.find(f"{bubble}.document"))
    assert file.get_attribute("download") == "样品检验单.pdf"
    with urlopen(file.get_attribute("href"), timeout=10) as answer:
        assert answer.read().startswith(b"%PDF")
    screen.until("a voice note", lambda: "0:04" in screen.find(f"{bubble}.voice").text)
    screen.until("a place", lambda: "36.0671" in screen.find(f"{bubble}.location").text)


def test_in_english_the_page_is_english(demo: Page, screen: Screen) -> None:
    screen.opens(demo.address, LAPTOP)
    screen.presses("#language")
    screen.until("the list of what comes is English", lambda: "Daily entry" in screen.find("#coming").text)
    chrome = screen.find("header.bar").text + screen.find("#coming h2").text
    assert not re.search("[一-鿿]", chrome.replace("中", "")), chrome
    screen.presses("#tour-open")
    screen.reads(SALESPERSON, "English")
    screen.writes("1/7")
    screen.step("2/7", "Save")
    screen.until("step 3", lambda: screen.tour() == "3/7")
    screen.presses("#tour-leave")
    screen.presses("#language")


def test_both_languages_of_the_page_have_the_same_words(demo: Page, screen: Screen) -> None:
    screen.opens(demo.address, LAPTOP)
    zh, en = screen.browser.execute_async_script(KEYS)  # type: ignore[no-untyped-call]
    assert zh == en
    assert len(zh) > 40


def test_the_tour_calls_the_buttons_as_the_bot_does() -> None:
    labels = re.search(r"const LABELS = \{(.*?)\};", (PAGE / "tour.js").read_text(encoding="utf-8"), re.DOTALL)
    named = set(re.findall('"(.*?)"', labels[1] if labels else ""))
    ids = ("button.save", "button.customer", "button.ack", "button.ack_all", "button.arrive", "when.just_now")
    assert named == {Voice(language, UTC, START).word(each) for language in LANGUAGES for each in ids}


def test_when_the_server_is_gone_the_page_says_so(demo: Page, screen: Screen) -> None:
    """The last one: it ends the demo."""
    screen.opens(demo.address, LAPTOP)
    demo.ends()
    screen.until("a line says so", lambda: "正在重试" in screen.find("#offline").text)
    screen.presses(".moves [data-seconds='3600']")
    screen.until("the clock says so", lambda: "时钟没有拨动" in screen.find("#trouble").text)
