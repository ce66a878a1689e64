import io
import json
import logging
import logging.config
from contextlib import suppress
from pathlib import Path

import pytest

from alma.api.logs import JsonLines, Lines, log_config, scrubbed
from alma.core.ports.telemetry import TRACE
from alma.middleware.request_id import RequestIds, WithRequestId, called_by
from alma.settings import Settings


@pytest.fixture(params=["text", "json"])
def form(request):
    return request.param


@pytest.fixture
def said():
    """A logger of our own, and what it has written."""

    def begin(formatter):
        written = io.StringIO()
        handler = logging.StreamHandler(written)
        handler.setFormatter(formatter)
        handler.addFilter(WithRequestId())
        logger = logging.getLogger("said")
        logger.setLevel(logging.INFO)
        logger.propagate = False
        logger.handlers[:] = []
        logger.addHandler(handler)
        return logger, written

    return begin


def formatter(form):
    return Lines() if form == "text" else JsonLines()


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("alma_k7f3_Zm9vYmFyYmF6cXV4Zm9vYmFy", "Zm9vYmFyYmF6cXV4Zm9vYmFy"),
        ("Authorization: Bearer c2VjcmV0c2VjcmV0", "c2VjcmV0c2VjcmV0"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "c2lnbmF0dXJl"),
        ("postgresql://alma:hunter2@db/alma", "hunter2"),
        ("/ws?access_token=c2VjcmV0", "c2VjcmV0"),
    ],
)
def test_what_looks_like_a_credential_never_reaches_a_line(said, form, text, secret):
    logger, written = said(formatter(form))
    try:
        raise ValueError(f"no use for {text}")
    except ValueError:
        logger.exception("given %s", text)
    assert secret not in written.getvalue()
    assert "***" in written.getvalue()


def test_ordinary_words_stay():
    text = "GET /api/v1/blueprints/7 200 at http://127.0.0.1:8000 alma_home alma-worker"
    assert scrubbed(text) == text


def test_nobody_writes_a_line_of_their_own_into_the_log(said, form):
    logger, written = said(formatter(form))
    logger.warning("hello\n2026-01-01 00:00:00 INFO forged\r\n")
    assert len(written.getvalue().splitlines()) == 1


async def test_a_line_knows_its_request_its_caller_and_its_trace(said):
    logger, written = said(JsonLines())

    async def app(scope, receive, send):
        called_by("user/ann")
        TRACE.set("0af7651916cd43dd8448eb211c80319c")
        logger.info("done")

    async def nothing(*_):
        return {}

    scope = {"type": "http", "path": "/", "headers": [(b"x-request-id", b"r-1")]}
    await RequestIds(app)(scope, nothing, nothing)
    TRACE.set(None)
    logger.info("after")
    first, second = map(json.loads, written.getvalue().splitlines())
    assert (first["request_id"], first["principal"]) == ("r-1", "user/ann")
    assert first["trace_id"] == "0af7651916cd43dd8448eb211c80319c"
    assert second["request_id"] == "-"
    assert "principal" not in second


async def test_an_answer_is_a_line_with_its_facts_and_without_its_query(caplog):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 418, "headers": []})

    async def nothing(*_):
        return {}

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/a",
        "query_string": b"q=private",
        "headers": [],
    }
    with caplog.at_level("INFO", "alma.access"):
        await RequestIds(app)(scope, nothing, nothing)
    line = json.loads(JsonLines().format(caplog.records[0]))
    assert (line["method"], line["path"], line["status"]) == ("GET", "/a", 418)
    assert "private" not in json.dumps(line)


def test_the_file_is_put_aside_when_it_gets_large(tmp_path):
    settings = Settings(home=tmp_path, log_max_bytes=10_000, log_files=2)
    root = logging.getLogger()
    before = root.handlers[:], root.level
    config = log_config(settings, tmp_path / "alma.log", console=False)
    # What other tests have set stays as it is.
    config["loggers"] = {}
    try:
        logging.config.dictConfig(config)
        for number in range(1000):
            logging.getLogger("elsewhere").warning("line %d of many that are all alike", number)
        for handler in root.handlers:
            handler.close()
    finally:
        root.handlers[:], root.level = before
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "alma.log",
        "alma.log.1",
        "alma.log.2",
    ]
    assert all(file.stat().st_size <= 10_000 for file in tmp_path.iterdir())


@pytest.mark.parametrize(
    ("given", "level"),
    [({}, "INFO"), ({"log_level": "ERROR"}, "ERROR"), ({"debug": True}, "DEBUG")],
)
def test_the_level_is_the_operators(tmp_path, given, level):
    config = log_config(Settings(home=tmp_path, **given), tmp_path / "alma.log")
    assert config["loggers"]["alma"]["level"] == level


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no disk that is full")
def test_a_full_disk_is_told_once_and_loses_no_line_on_the_terminal(capsys):
    kept = logging.root.handlers[:]
    try:
        logging.config.dictConfig(log_config(Settings(), Path("/dev/full")))
        logger = logging.getLogger("alma.test")
        for number in range(3):
            logger.warning("line %d", number)
    finally:
        for handler in logging.root.handlers[:]:
            logging.root.removeHandler(handler)
            with suppress(OSError):
                handler.close()
        logging.root.handlers[:] = kept
    told = capsys.readouterr().err
    assert told.count("/dev/full can't be written: No space left on device") == 1
    assert [f"line {number}" in told for number in range(3)] == [True] * 3
    assert "Traceback" not in told
