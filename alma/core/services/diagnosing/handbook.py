"""The page about trouble, made from the signatures themselves: none is missing on it, and none is told otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alma.core.model.signature import Area, Signature
from alma.core.services.diagnosing.ranking import filled

_TITLES = {
    Area.PROXMOX: "Proxmox VE",
    Area.DOCKER: "Docker and containers",
    Area.KUBERNETES: "Kubernetes",
    Area.GUEST: "Inside guests",
    Area.NETWORK: "Networks, names and certificates",
    Area.SOFTWARE: "Databases, caches and proxies",
    Area.ALMA: "ALMA itself, and what its checks show",
}
_INTRODUCTION = """\
# Finding out what is wrong

Tell ALMA what you see: in a conversation ("why did it fail?"), or to the tool `troubleshoot_issue` with an error
message, logs, symptoms, a blueprint. It holds them against the signatures on this page, together with what its last
deployments wrote down and what the engine shows now, and answers with causes: each with the lines that speak for it and
where they stand, what speaks against it, how sure it is, what to check and what mends it.

- **Nothing is changed.** It reads: the last deployments with their logs and checks, who holds the stack, the engine's
  own check, what runs and how it differs from what was deployed, the logs of what is affected, and the plan that would
  be made now. Every look is listed with what it found; so is what could not be looked at, and why.
- **It does not guess.** Where nothing fits it says so, shows the lines that sound bad, and asks for what would help.
- **Logs are other people's text.** They are matched and quoted, never followed: without colours and control characters,
  cut, and with secrets taken out. Of a text beyond 2 MiB the beginning and the end are read, and the answer says so.
- A conversation answers from what is recorded alone; the tool asks the engine too.

## How sure

What a signature says of itself (certain 0.9, likely 0.7, possible 0.45), then:

| | |
|---|---|
| only somebody's own words speak for it | × 0.6 |
| seen only before a later success | × 0.5 |
| a check supports it | + a quarter of what is missing to 1 |
| seen in a second place | + 0.15 of what is missing to 1 |
| a check contradicts it | × 0.5 |
| another platform's trouble, software that nothing here runs, or about something not affected | × 0.6 each |

From 0.75 on it is called likely, below 0.3 it counts as not known, and 0.97 is the most.

## Your own signatures

Put them into `config/signatures.yaml` in ALMA's directory. The file is read anew when it has changed. An entry with a
known id takes that one's place; `{id: …, off: true}` switches one off. A faulty entry is named with its line in every
answer (`problems`), and the others are used.

```yaml
signatures:
  - id: shop-cart-stuck
    title: The cart waits for its stock
    area: software            # proxmox, docker, kubernetes, guest, network, software, alma
    sure: likely              # certain, likely, possible
    patterns: ['cart \\(?P<cart>\\d+\\) waits for stock']
    unless: ['waits for stock 0s']
    means: "Cart {cart|of somebody} asks a stock service that does not answer."
    checks: ["Does the stock service run?"]
    fix: ["Start it again."]
    supported_by: [resource_stopped]
```

Patterns are [RE2](https://github.com/google/re2/wiki/Syntax)'s, asked of one line at a time whatever its case: they
take time in proportion to the text, so no pattern and no log can hold ALMA up. Named parts may be shown in `means`.
`signs` lets a check find it without any text, `supported_by` and `contradicted_by` let one change how sure it is. Signs
are SIGNS.
`mend` changes the blueprint where it is certain which resource is meant: `{grow: specs.memory, factor: 2}`,
`{unset: network.ip}`.
"""


def signatures_page(signatures: Sequence[Signature], signs: Sequence[str]) -> str:
    """The page in Markdown."""
    listed = ", ".join(f"`{sign}`" for sign in signs)
    parts = [_INTRODUCTION.replace("SIGNS", listed).replace("\\\\", "\\")]
    parts.append(f"## What is known\n\n{len(signatures)} signatures.\n")
    for area in Area:
        rows = "\n".join(_rows(item for item in signatures if item.area is area))
        heads = "| Signature | Sure | What it means | What mends it |"
        parts.append(f"### {_TITLES[area]}\n\n{heads}\n|{'---|' * 4}\n{rows}\n")
    return "\n".join(parts)


def _rows(signatures: Iterator[Signature]) -> Iterator[str]:
    for item in signatures:
        cells = (
            f"**{item.title}** `{item.id}`",
            str(item.sure),
            filled(item.means, {}),
            " ".join(item.fix),
        )
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
