from __future__ import annotations

import pytest

from alma.config import load_catalogue, load_templates
from alma.core.language.interpreter import Interpreter
from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.model.software import Catalogue


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="session")
def gazetteer(catalogue: Catalogue) -> Gazetteer:
    return Gazetteer(catalogue)


@pytest.fixture(scope="session")
def interpreter(catalogue: Catalogue) -> Interpreter:
    return Interpreter(catalogue, load_templates())
