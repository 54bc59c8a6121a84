"""A real server on a free port, a real Chromium, and the pages that both look at."""

import importlib.util
import shutil
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, sync_playwright

from catalog.store import Catalog
from dashboards.app import mount, warm

NEIGHBOURS = Path(__file__).parents[1] / "dashboards"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
"""


@dataclass
class Seen:
    """What went on while a page was open."""

    page: Page
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)


Open = Callable[..., Seen]


def load(name: str) -> ModuleType:
    """Import a module that lies beside the tests of pages; no package may hide a floor."""
    spec = importlib.util.spec_from_file_location(f"{name}_for_browser", NEIGHBOURS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the pages, over a catalog with one made-up corpus and one that was judged."""
    app = FastAPI()
    catalog: Catalog = load("judged").build(tmp_path_factory.mktemp("home"))
    mount(app, catalog, load("made_up").MadeUp())
    warm()
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port = chosen.getsockname()[1]
    config = uvicorn.Config(app, port=port, log_level="error", lifespan="off", ws="none")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not running.started:
        assert time.monotonic() < deadline, "the server did not start within 20 s"
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    running.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("there is no chromium on the PATH: .ci/chromium installs it")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser, server: str) -> Iterator[Open]:
    """Open an address in a context of its own; keyword arguments describe the context."""
    contexts = []

    def visit(address: str, **context: object) -> Seen:
        settings = {"viewport": {"width": 1180, "height": 900}, **context}
        opened = browser.new_context(**settings)
        opened.set_default_timeout(15_000)
        contexts.append(opened)
        page = opened.new_page()
        seen = Seen(page)
        page.add_init_script(VIOLATIONS)
        page.on("console", lambda message: seen.console.append(message.text))
        page.on("pageerror", lambda error: seen.console.append(str(error)))
        page.on("request", lambda request: seen.requests.append(request.url))
        page.on("dialog", lambda dialog: (seen.dialogs.append(dialog.message), dialog.dismiss()))
        page.goto(server + address, wait_until="load")
        if settings.get("java_script_enabled", True):
            page.evaluate("document.fonts.ready")
        return seen

    yield visit
    for context in contexts:
        context.close()
