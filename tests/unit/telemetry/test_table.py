from pathlib import Path

import pytest

from alma.telemetry import TABLE, Kind

# What dashboards of earlier servers ask for.
PROMISED = {
    "http_requests_total": {"method", "endpoint", "status"},
    "http_request_duration_seconds": {"method", "endpoint"},
    "http_request_size_bytes": {"method", "endpoint"},
    "http_response_size_bytes": {"method", "endpoint"},
    "llm_requests_total": {"operation", "status"},
    "llm_tokens_generated_total": {"model"},
    "llm_tokens_consumed_total": {"model"},
    "llm_generation_duration_seconds": {"model", "operation"},
    "blueprint_operations_total": {"operation", "status"},
    "blueprint_validation_errors_total": set(),
    "blueprint_resources_count": set(),
    "deployment_operations_total": {"engine", "status"},
    "deployment_duration_seconds": {"engine"},
    "active_deployments": {"engine"},
    "tool_executions_total": {"tool_name", "status"},
    "tool_execution_duration_seconds": {"tool_name"},
    "rate_limit_hits_total": {"endpoint"},
    "rate_limit_clients": set(),
    "active_connections": set(),
    "database_connections": {"state"},
    "cache_hit_rate": set(),
}


@pytest.mark.parametrize("name", PROMISED)
def test_every_promised_metric_is_there_with_its_labels(name):
    assert set(TABLE[name].labels) == PROMISED[name]


def test_what_runs_is_told():
    assert "version" in TABLE["app_info"].labels


@pytest.mark.parametrize("metric", TABLE.values(), ids=lambda metric: metric.name)
def test_every_metric_says_what_it_means_and_histograms_have_rising_buckets(metric):
    assert metric.help.endswith(".")
    assert bool(metric.buckets) == (metric.kind is Kind.HISTOGRAM)
    assert list(metric.buckets) == sorted(set(metric.buckets))


@pytest.mark.parametrize("metric", TABLE.values(), ids=lambda metric: metric.name)
def test_every_metric_is_explained_in_the_documentation(metric):
    page = Path(__file__).parents[3] / "docs" / "monitoring.md"
    assert f"`{metric.name}`" in page.read_text()
