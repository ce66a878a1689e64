"""The exchanges that the documentation shows, held as they would be: a new installation for each, the same answers.

python -m tests.e2e.exchanges        writes the answers into the page
"""

from __future__ import annotations

import asyncio
import re
import tempfile
import textwrap
from pathlib import Path

from alma.bootstrap import Alma, build
from alma.core.model.principal import LOCAL
from alma.settings import Settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "conversation.md"
BLOCK = re.compile(r"^```conversation\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_WIDTH = 110


async def held(messages: list[str], home: Path) -> str:
    """The exchange as the page shows it."""
    alma = build(Settings(home=home))
    await alma.start()
    lines = []
    try:
        for message in messages:
            answer = await alma.dialogue.chat(LOCAL, message, "page")
            if answer.deployment_id:
                await _ended(alma, answer.deployment_id)
            lines += [f"you> {message}", *_wrapped(answer.response)]
    finally:
        await alma.stop()
    return "\n".join(lines) + "\n"


def messages(block: str) -> list[str]:
    """What the person says in a block."""
    return re.findall(r"^you> (.*)$", block, re.MULTILINE)


def blocks(page: Path = PAGE) -> list[str]:
    """The exchanges of the page."""
    return BLOCK.findall(page.read_text(encoding="utf-8"))


async def _ended(alma: Alma, id_: str) -> None:
    async for _ in alma.deployments.follow(LOCAL, id_):
        pass


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent="alma> ", subsequent_indent="      ", break_on_hyphens=False
    )


def main() -> None:
    """Writes the answers of today into the page."""
    text = PAGE.read_text(encoding="utf-8")

    def written(match: re.Match[str]) -> str:
        with tempfile.TemporaryDirectory() as home:
            return f"```conversation\n{asyncio.run(held(messages(match[1]), Path(home)))}```"

    PAGE.write_text(BLOCK.sub(written, text), encoding="utf-8")


if __name__ == "__main__":
    main()
