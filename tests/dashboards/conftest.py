"""Pages over a home of their own, with one made-up corpus full of hostile names."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from catalog.store import Catalog
from dashboards.app import mount


def load(name: str) -> ModuleType:
    """Import a module that lies beside this file; no package of tests may hide a floor."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def made_up() -> ModuleType:
    return load("made_up")


@pytest.fixture(scope="session")
def client(made_up: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    app = FastAPI()
    mount(app, Catalog(tmp_path_factory.mktemp("home")), made_up.MadeUp())
    with TestClient(app, follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="session")
def judged_module() -> ModuleType:
    return load("judged")


@pytest.fixture(scope="session")
def judged(
    judged_module: ModuleType, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    """Pages over a corpus that a recipe was run over."""
    app = FastAPI()
    mount(app, judged_module.build(tmp_path_factory.mktemp("judged")))
    with TestClient(app, follow_redirects=False) as client:
        yield client
