"""The page in a real browser: it opens quietly, asks for nothing, and its switches switch."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from made_up import write_run
from matplotlib.colors import to_rgb

pytest.importorskip("selenium", reason="selenium, of the extra 'test', is not installed")

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

# What a person could put in a file's name, and more.
HOSTILE = "<img src=x onerror=document.title='broken'>\"'&</script>"

Browser = webdriver.Chrome


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program, driver = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
    if program is None or driver is None:
        if os.environ.get("BENCH_BROWSER") == "required":
            pytest.fail("chromium and chromedriver are required here, and are not installed")
        pytest.skip("there is no chromium with its chromedriver on this machine (Debian: chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (
        *("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
        *("--disable-background-networking", "--disable-component-update"),
        f"--user-data-dir={tmp_path_factory.mktemp('chromium')}",
    ):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    started = webdriver.Chrome(options=options, service=Service(driver))
    yield started
    started.quit()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = write_run(tmp_path_factory.mktemp("page") / "run", twins=["numpy", "keras", HOSTILE])
    return run.report()


@pytest.fixture
def page(browser: Browser, path: Path) -> Browser:
    for kind in ("performance", "browser"):
        log(browser, kind)  # what came before belongs to another test
    look(browser, width=1100, scheme="light")
    browser.get(path.as_uri())
    WebDriverWait(browser, 20).until(lambda b: b.execute_script("return document.documentElement.dataset.ready"))
    return browser


def look(browser: Browser, *, width: int, scheme: str, media: str = "") -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def log(browser: Browser, kind: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = browser.get_log(kind)  # type: ignore[no-untyped-call] # selenium has no type for it
    return entries


def plot(browser: Browser, script: str) -> Any:
    """Return what a script finds in the plot of training losses."""
    found = "Bokeh.documents.map((each) => each.get_model_by_name('twins:train_loss')).find(Boolean)"
    return browser.execute_script(f"const plot = {found}; return {script}")


def control(browser: Browser, kind: str, value: str) -> WebElement:
    return browser.find_element(By.CSS_SELECTOR, f".explorer input[type={kind}][value='{value}']")


def test_the_page_opens_without_an_error_or_a_request(page: Browser, path: Path) -> None:
    wrong = [entry for entry in log(page, "browser") if entry["level"] in ("SEVERE", "WARNING")]
    assert not wrong
    messages = [json.loads(entry["message"])["message"] for entry in log(page, "performance")]
    asked = [each["params"]["request"]["url"] for each in messages if each["method"] == "Network.requestWillBeSent"]
    assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]


def test_every_picture_is_drawn(page: Browser) -> None:
    widths = page.execute_script("return [...document.images].map((image) => image.naturalWidth)")
    assert len(widths) == 2 * 5  # each for a page and for a phone
    assert all(width > 100 for width in widths)


SHOWN = "return [...document.images].map((image) => [image.className, image.offsetWidth, image.naturalWidth])"


@pytest.mark.parametrize("width", [390, 768])
def test_on_a_small_screen_panels_are_stacked_at_a_size_that_can_be_read(page: Browser, width: int) -> None:
    look(page, width=width, scheme="light")
    shown = [image for image in page.execute_script(SHOWN) if image[1]]
    assert [kind for kind, _, _ in shown] == ["narrow"] * 5
    for _, drawn, natural in shown:
        assert drawn / natural > 0.9  # of text of 9 points
        assert drawn <= width
    assert page.execute_script("return document.documentElement.scrollWidth") <= width


def test_a_table_that_is_wider_than_a_phone_says_that_it_scrolls(page: Browser) -> None:
    def hints() -> list[str]:
        script = (
            "return [...document.querySelectorAll('.scroll')].map((box) => getComputedStyle(box, '::before').content)"
        )
        return [words for words in page.execute_script(script) if words != "none"]

    on_a_page = len(hints())  # the long name of a contender is too wide there too
    look(page, width=390, scheme="light")
    WebDriverWait(page, 10).until(lambda _: len(hints()) > on_a_page)
    assert set(hints()) == {'"scrolls sideways ↔"'}
    box = page.find_element(By.CSS_SELECTOR, "#suite-twins .scroll[role=region]")
    page.execute_script("arguments[0].scrollLeft = 300", box)
    name, table = (box.find_element(By.CSS_SELECTOR, each) for each in ("tbody th", "table"))
    assert name.rect["x"] == pytest.approx(box.rect["x"], abs=1)  # the contender stays in view
    assert table.rect["x"] < box.rect["x"] - 200
    caption = box.find_element(By.CSS_SELECTOR, "caption span")
    assert caption.rect["x"] + caption.rect["width"] <= 390


def test_the_switch_switches_the_horizontal_axis(page: Browser) -> None:
    def shown() -> tuple[str, float, float]:
        found = plot(page, "[plot.below[0].axis_label, plot.renderers[0].data_source.data.x.at(-1), plot.x_range.end]")
        return found[0], found[1], found[2]

    assert shown()[:2] == ("epoch", 60)
    page.execute_script("arguments[0].scrollIntoView()", control(page, "radio", "updates"))
    control(page, "radio", "updates").click()
    WebDriverWait(page, 10).until(lambda _: shown()[2] > 1_000)
    assert shown()[:2] == ("update", 60 * 29)
    control(page, "radio", "train_seconds").send_keys(Keys.SPACE)
    WebDriverWait(page, 10).until(lambda _: shown()[2] < 10)
    assert shown()[0] == "training second"


def test_a_contender_can_be_hidden_and_shown(page: Browser) -> None:
    def visible() -> list[bool]:
        found = plot(page, "plot.renderers.filter((line) => line.tags[0] === 1).map((line) => line.visible)")
        return list(found)

    assert visible() == [True] * 6
    page.execute_script("arguments[0].scrollIntoView()", control(page, "checkbox", "1"))
    control(page, "checkbox", "1").click()
    assert visible() == [False] * 6
    assert all(plot(page, "plot.renderers.filter((line) => line.tags[0] === 0).map((line) => line.visible)"))
    control(page, "checkbox", "1").send_keys(Keys.SPACE)
    assert visible() == [True] * 6


def test_a_table_sorts_by_value_with_the_keyboard(page: Browser) -> None:
    table = page.find_element(By.CSS_SELECTOR, "#suite-twins table")
    heading = next(
        each for each in table.find_elements(By.CSS_SELECTOR, "thead th") if each.text.startswith("training")
    )
    button = heading.find_element(By.TAG_NAME, "button")

    def names() -> list[str]:
        return [row.text for row in table.find_elements(By.CSS_SELECTOR, "tbody th")]

    button.send_keys(Keys.ENTER)
    assert heading.get_attribute("aria-sort") == "ascending"
    assert names()[0] == "numpy"
    button.send_keys(Keys.ENTER)
    assert heading.get_attribute("aria-sort") == "descending"
    assert names()[-1] == "numpy"


def test_a_hostile_name_shows_as_text(page: Browser) -> None:
    assert page.title == "David vs Goliath: run"
    assert not page.find_elements(By.CSS_SELECTOR, "img[src='x']")
    assert HOSTILE in page.find_element(By.CSS_SELECTOR, "#suite-twins table").text.replace("\n", "")
    assert HOSTILE in page.find_element(By.CSS_SELECTOR, ".explorer .controls").text


def test_hovering_shows_a_value_and_obeys_no_name(page: Browser) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    box = page.find_element(By.CSS_SELECTOR, ".explorer [role=group]")
    page.execute_script("arguments[0].scrollIntoView()", box)
    said = ""
    for down in range(20, 220, 3):  # along a vertical line, which all curves cross
        ActionChains(page, duration=0).move_to_element_with_offset(box, 0, down - box.size["height"] // 2).perform()
        said = page.execute_script(
            "const texts = (root) => [...root.querySelectorAll('*')].map((each) =>"
            " each.shadowRoot ? texts(each.shadowRoot) : '').join('') + (root.textContent ?? '');"
            "return texts(document.body)"
        )
        if "training loss (nats):" in said:
            break
    assert "training loss (nats):" in said
    assert "seed" in said
    assert page.title == "David vs Goliath: run"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1100, 360])
def test_text_can_be_read_on_any_screen(page: Browser, width: int, scheme: str) -> None:
    look(page, width=width, scheme=scheme)
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    colors = page.execute_script(
        "const style = (name) => getComputedStyle(document.querySelector(name));"
        "return [[style('body').color, style('body').backgroundColor], [style('figcaption').color,"
        " style('body').backgroundColor], [style('nav a').color, style('body').backgroundColor],"
        " [style('.finding').color, style('.finding').backgroundColor]]"
    )
    assert (luminance(colors[0][0]) > luminance(colors[0][1])) == (scheme == "dark")
    for ink, paper in colors:
        assert contrast(ink, paper) >= 4.5, (ink, paper)  # WCAG 2.2, AA
    WebDriverWait(page, 10).until(
        lambda _: contrast(plot(page, "plot.below[0].axis_label_text_color"), colors[0][1]) >= 4.5
    )


def test_on_paper_there_are_no_controls_and_every_picture(page: Browser) -> None:
    look(page, width=800, scheme="dark", media="print")
    hidden = page.execute_script(
        "return [...document.querySelectorAll('nav, .explorer')].map((each) => getComputedStyle(each).display)"
    )
    assert set(hidden) == {"none"}
    paper = page.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
    shown = [image for image in page.execute_script(SHOWN) if image[1]]
    assert [kind for kind, _, _ in shown] == ["wide"] * 5
    assert all(width <= 800 for _, width, _ in shown)


def test_on_paper_no_picture_and_no_row_is_cut(page: Browser) -> None:
    look(page, width=800, scheme="light", media="print")
    styles = "return [...document.querySelectorAll(arguments[0])].map((each) => getComputedStyle(each)[arguments[1]])"
    assert set(page.execute_script(styles, "figure, tr, .finding", "breakInside")) == {"avoid"}
    assert set(page.execute_script(styles, "h2, h3, caption", "breakAfter")) == {"avoid"}
    over = "return [...document.querySelectorAll('table')].filter((each) => each.scrollWidth > 800).length"
    assert page.execute_script(over) == 0


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, by WCAG's formula."""
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: str) -> float:
    """Return the relative luminance of a colour, ``#rgb``, ``#rrggbb`` or ``rgb(r, g, b)``, by WCAG's formula."""
    parts = re.findall(r"\d+", color)
    channels = to_rgb(color) if color.startswith("#") else [int(part) / 255 for part in parts[:3]]
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
