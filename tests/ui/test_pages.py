"""The web pages in a real browser, over a server that was really started."""

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.ui.conftest import Installation, Server, counting, failing, run_to_end

PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail("These tests need a browser. Install Debian's package `chromium`, then run them again.")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield started
        started.close()


class Visit:
    """One visitor's pages, and what they asked of others than our server."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.address = address
        self.outside: list[str] = []
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("request", self._watch)

    def _watch(self, request: object) -> None:
        url = request.url  # type: ignore[attr-defined]
        local = (self.address, self.address.replace("http", "ws"), "data:", "blob:")
        if not url.startswith(local):
            self.outside.append(url)

    def open(self, path: str) -> Page:
        """Open a page and wait until its script has ended."""
        self.page.goto(f"{self.address}{path}")
        self.settle()
        return self.page

    def settle(self) -> None:
        """Wait until the page's script has ended."""
        expect(self.page.get_by_test_id("stAppViewContainer")).to_be_visible(timeout=PATIENCE)
        expect(self.page.locator("[data-test-script-state='running']")).to_have_count(0, timeout=PATIENCE)
        expect(self.page.get_by_test_id("stMainBlockContainer").locator("h1, a").first).to_be_visible(timeout=PATIENCE)


def visit(browser: Browser, address: str, language: str = "en-US", scheme: str = "light") -> Iterator[Visit]:
    context = browser.new_context(locale=language, color_scheme=scheme, viewport={"width": 1400, "height": 1000})
    visitor = Visit(context, address)
    yield visitor
    assert visitor.outside == []
    expect(visitor.page.get_by_test_id("stException")).to_have_count(0)
    context.close()


@pytest.fixture
def visitor(browser: Browser, server: Server) -> Iterator[Visit]:
    yield from visit(browser, server.address)


@pytest.fixture
def chinese(browser: Browser, server: Server) -> Iterator[Visit]:
    yield from visit(browser, server.address, "zh-CN", "dark")


def test_an_empty_installation_leads_to_a_finished_example(browser: Browser, tmp_path: Path) -> None:
    installation = Installation(tmp_path / "home")
    began = time.monotonic()
    started = installation.up()
    try:
        for one in visit(browser, started.address):
            page = one.open("/")
            expect(page.get_by_role("heading", name="Welcome to Opyard")).to_be_visible()
            assert time.monotonic() - began < 20, "the first page took too long even for a busy machine"
            page.get_by_role("button", name="Run", exact=True).first.click()
            page.wait_for_url(re.compile(r"/run\?id="))
            expect(page.get_by_text(re.compile(r"^(\d+) of \1 steps"))).to_be_visible(timeout=120_000)
            page.get_by_role("button", name=re.compile("Evaluate")).first.click()
            expect(page.get_by_test_id("stVegaLiteChart").first).to_be_visible()
            one.open("/")
            expect(page.get_by_role("heading", name="Overview")).to_be_visible()
            expect(page.get_by_text("Ended lately")).to_be_visible()
    finally:
        started.stop()


@pytest.mark.parametrize("path", ["/", "/catalogue", "/runs", "/examples", "/operator?id=tests.slow", "/run?id=nope"])
def test_every_page_opens_at_its_address_in_both_languages(visitor: Visit, chinese: Visit, path: str) -> None:
    for one in (visitor, chinese):
        page = one.open(path)
        expect(page.get_by_test_id("stSidebarNav").get_by_role("link")).to_have_count(4)
        expect(page.get_by_test_id("stException")).to_have_count(0)
    assert "Operators" in visitor.page.get_by_test_id("stSidebarNav").inner_text()
    assert "算子" in chinese.page.get_by_test_id("stSidebarNav").inner_text()


def test_the_catalogue_is_searched_and_leads_to_an_operator(visitor: Visit) -> None:
    page = visitor.open("/catalogue")
    page.get_by_label("Search").fill("slowly")
    page.get_by_label("Search").press("Enter")
    expect(page.get_by_text(re.compile(r"^1 of \d+ operators$"))).to_be_visible()
    page.get_by_role("link", name="Count slowly").click()
    page.wait_for_url(re.compile(r"/operator\?id=tests.slow"))
    expect(page.get_by_role("heading", name="Count slowly")).to_be_visible()


def test_the_form_of_an_operator_checks_what_is_typed(visitor: Visit) -> None:
    page = visitor.open("/operator?id=tests.failing")
    expect(page.get_by_text("is missing; give it a value")).to_be_visible()
    page.get_by_label(re.compile("^Unless this file is there")).fill("/tmp/x")
    page.get_by_label(re.compile("^Unless this file is there")).press("Enter")
    expect(page.get_by_text("is missing; give it a value")).to_have_count(0)
    page.get_by_text("As JSON").click()
    expect(page.get_by_test_id("stJson")).to_contain_text("/tmp/x")


def test_a_choice_in_a_form_shows_the_fields_of_its_branch(visitor: Visit) -> None:
    page = visitor.open("/operator?id=opyard.learn.train_classifier")
    expect(page.get_by_label("Trees", exact=True)).to_be_visible()
    page.get_by_label("Algorithm", exact=True).first.click()
    page.get_by_role("option", name="Nearest neighbours").click()
    expect(page.get_by_label("Trees", exact=True)).to_have_count(0)
    expect(page.get_by_label("Neighbours", exact=True)).to_be_visible()


@pytest.mark.parametrize("identifier", ["opyard.data.read_csv", "opyard.table.group", "opyard.table.sql"])
def test_forms_of_built_in_operators_are_drawn(visitor: Visit, identifier: str) -> None:
    page = visitor.open(f"/operator?id={identifier}")
    expect(page.get_by_text("Parameters", exact=True).first).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_a_run_shows_what_its_steps_made(visitor: Visit, api: httpx.Client) -> None:
    run = run_to_end(api, counting())
    page = visitor.open(f"/run?id={run['id']}")
    main = page.get_by_test_id("stMainBlockContainer")
    expect(main.get_by_text("1 of 1 steps")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
    expect(page.get_by_test_id("stVegaLiteChart")).to_be_visible()
    expect(page.get_by_role("heading", name="All counted")).to_be_visible()
    page.get_by_text("Log", exact=True).click()
    expect(main.get_by_text("counted 4")).to_be_visible()
    page.get_by_text("Facts", exact=True).click()
    expect(main.get_by_text("tests.slow@1.0.0")).to_be_visible()
    page.get_by_text("Graph", exact=True).click()
    expect(page.frame_locator("iframe").get_by_text("Count slowly")).to_be_visible()
    page.get_by_text("Pipeline", exact=True).click()
    expect(page.get_by_test_id("stCode")).to_contain_text('"counting"')


def test_a_running_run_is_followed_and_cancelled(visitor: Visit, api: httpx.Client) -> None:
    id = api.post("/runs", json={"pipeline": counting(600, 0.1)}).json()["id"]
    page = visitor.open(f"/run?id={id}")
    expect(page.get_by_text(re.compile(r"^row \d+$")).first).to_be_visible()
    page.get_by_text("Log", exact=True).click()
    expect(page.get_by_text(re.compile("counted 1")).first).to_be_visible()
    seen = page.locator(".opyard-log").inner_text()
    expect(page.locator(".opyard-log")).not_to_have_text(seen)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_test_id("stMainBlockContainer").get_by_text("cancelled").first).to_be_visible()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()


def test_a_failed_run_says_why_and_is_resumed(visitor: Visit, api: httpx.Client, tmp_path: Path) -> None:
    unless = tmp_path / "there"
    run = run_to_end(api, failing(unless))
    page = visitor.open(f"/run?id={run['id']}")
    expect(page.get_by_text("the file <is> missing").first).to_be_visible()
    expect(page.get_by_text("in look").first).to_be_visible()
    expect(page.get_by_text("The operator itself raised this.")).to_be_visible()
    unless.touch()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("2 of 2 steps")).to_be_visible()


def test_the_same_page_in_chinese(chinese: Visit, api: httpx.Client, tmp_path: Path) -> None:
    run = run_to_end(api, failing(tmp_path / "never"))
    page = chinese.open(f"/run?id={run['id']}")
    expect(page.get_by_text("失败").first).to_be_visible()
    expect(page.get_by_role("button", name="继续")).to_be_visible()
    expect(page.get_by_text("该错误由算子代码抛出", exact=False)).to_be_visible()


def test_the_language_switch_lasts(visitor: Visit) -> None:
    page = visitor.open("/runs")
    page.get_by_role("link", name="中文").click()
    expect(page.get_by_role("heading", name="运行")).to_be_visible()
    assert page.url.endswith("/runs")
    visitor.open("/catalogue")
    expect(page.get_by_role("heading", name="算子")).to_be_visible()
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="Operators")).to_be_visible()


def test_runs_are_filtered(visitor: Visit, api: httpx.Client, tmp_path: Path) -> None:
    run_to_end(api, failing(tmp_path / "never"))
    run_to_end(api, counting())
    page = visitor.open("/runs")
    main = page.get_by_test_id("stMainBlockContainer")
    expect(main.get_by_role("link", name="counting").first).to_be_visible()
    page.get_by_role("button", name="failed").click()
    expect(main.get_by_role("link", name="counting")).to_have_count(0)
    expect(main.get_by_role("link", name="failing").first).to_be_visible()
    main.get_by_role("link", name="failing").first.click()
    page.wait_for_url(re.compile(r"/run\?id="))


def test_the_login_page_lets_in_and_out(browser: Browser, tmp_path: Path) -> None:
    installation = Installation(tmp_path / "home")
    started = installation.up("--host", "0.0.0.0")
    try:
        for one in visit(browser, started.address):
            page = one.page
            page.goto(f"{started.address}/runs")
            expect(page.get_by_text("Whoever started it sees a setup link")).to_be_visible()
            page.goto(str(started.setup_link))
            page.get_by_label("Name").fill("ada")
            page.get_by_label("Password").fill("correct horse")
            page.get_by_role("button").click()
            expect(page.get_by_role("heading", name="Welcome to Opyard")).to_be_visible()
            page.get_by_role("link", name="Log out ada").click()
            page.get_by_role("button", name="Log out").click()
            expect(page.get_by_role("heading", name="Log in")).to_be_visible()
            page.goto(f"{started.address}/runs")
            page.get_by_label("Name").fill("ada")
            page.get_by_label("Password").fill("correct horse")
            page.get_by_role("button").click()
            expect(page.get_by_role("heading", name="Runs")).to_be_visible()
            assert page.url.endswith("/runs")
    finally:
        started.stop()


def test_the_api_page_sends_requests(visitor: Visit) -> None:
    page = visitor.page
    page.goto(f"{visitor.address}/api/docs")
    page.get_by_text("/api/health").click()
    page.get_by_text("/api/health").locator("xpath=ancestor::details").get_by_role("button").click()
    expect(page.get_by_text('"engine": true')).to_be_visible()


@pytest.mark.parametrize("name", ["breast_cancer", "diabetes", "digits"])
def test_every_example_runs_and_its_results_can_be_looked_at(visitor: Visit, api: httpx.Client, name: str) -> None:
    id = api.post("/runs", json={"example": name}).json()["id"]
    with api.stream("GET", f"/runs/{id}/events") as stream:
        stream.read()
    run = api.get(f"/runs/{id}").json()
    assert run["state"] == "done", [step["error"] for step in run["steps"]]
    for step in run["steps"]:
        page = visitor.open(f"/run?id={id}&step={step['node']}")
        expect(page.get_by_text("Download", exact=True)).to_have_count(len(step["outputs"]))
        expect(page.get_by_test_id("stAlert")).to_have_count(0)


def test_an_example_is_started_with_parameters_and_its_graph_is_drawn(visitor: Visit) -> None:
    page = visitor.open("/examples")
    page.get_by_text(re.compile(r"^Graph of \d+ steps$")).first.click()
    expect(page.frame_locator("iframe").get_by_text("Train a forest")).to_be_visible()
    page.get_by_text("Parameters", exact=True).first.click()
    share = page.get_by_label("Share of test rows", exact=True).first
    share.fill("0.5")
    share.press("Enter")
    page.get_by_role("button", name="Run", exact=True).first.click()
    page.wait_for_url(re.compile(r"/run\?id="))
    page.get_by_role("button", name="● Hold out test rows").click()
    expect(page.get_by_role("heading", name="Hold out test rows")).to_be_visible()
    page.get_by_text("Parameters", exact=True).click()
    expect(page.get_by_test_id("stJson")).to_contain_text("0.5")
    page.get_by_role("button", name="Cancel").click()
