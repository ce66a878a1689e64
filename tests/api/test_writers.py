"""Many who write at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.api.server import API, Server
from tests.api.test_iprs import SHOP

WRITERS = 64


def test_sixty_four_writers_at_once_each_get_a_blueprint_of_their_own(server: Server) -> None:
    def write(number: int) -> tuple[int, int]:
        answer = server.http.post(f"{API}/blueprints", json={**SHOP, "name": f"shop-{number}"})
        return answer.status_code, answer.json().get("id")

    with ThreadPoolExecutor(WRITERS) as threads:
        made = list(threads.map(write, range(WRITERS * 3)))

    assert {status for status, _ in made} == {201}
    assert len({id_ for _, id_ in made}) == WRITERS * 3
