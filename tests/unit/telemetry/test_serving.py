from http import HTTPStatus

import httpx
import pytest

from alma.telemetry.prometheus import PrometheusMeters
from alma.telemetry.serving import serve


@pytest.fixture
def address():
    meters = PrometheusMeters()
    meters.count("blueprint_validation_errors_total", 3)
    pages = {"/health/ready": lambda: (HTTPStatus.SERVICE_UNAVAILABLE, '{"status": "unhealthy"}')}
    port, end = serve(meters, host="127.0.0.1", port=0, pages=pages)
    yield f"http://127.0.0.1:{port}"
    end()


def test_a_process_without_an_api_is_scraped_by_itself(address):
    answer = httpx.get(f"{address}/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "blueprint_validation_errors_total 3.0" in answer.text.splitlines()


def test_a_page_is_answered_with_its_status_and_body(address):
    answer = httpx.get(f"{address}/health/ready?verbose")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"status": "unhealthy"}


def test_nothing_else_is_there(address):
    assert httpx.get(f"{address}/").status_code == 404


def test_a_port_that_is_taken_is_an_error(address):
    with pytest.raises(OSError, match="in use"):
        serve(PrometheusMeters(), host="127.0.0.1", port=int(address.rpartition(":")[2]))
