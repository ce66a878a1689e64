"""`alma templates`: known-good blueprints and the few things about them that people want to turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from alma.cli import options

if TYPE_CHECKING:
    from alma.cli.shapes import Json
    from alma.cli.terminal import Terminal

EPILOG = """
\b
Examples:
  alma templates list --complexity low
  alma templates show ha-web-app
  alma templates customize ha-web-app instance_count=3 memory_per_instance=8GB > app.yaml
"""

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Known-good blueprints to start from.",
    epilog=EPILOG,
)


@app.command("list", epilog=EPILOG)
def list_templates(
    category: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only that one.", show_default=False)
    ] = None,
    complexity: Annotated[
        str | None, typer.Option(metavar="LEVEL", help="low, medium or high.", show_default=False)
    ] = None,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """List the templates."""
    from alma.cli.connect import connected
    from alma.cli.render.tables import state, table
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma templates list") as client:
        found = client.templates(category=category, complexity=complexity)
    rows = [
        (
            t["id"],
            state(t["complexity"]),
            _resources(t),
            t["category"],
            t.get("use_case") or t["description"],
        )
        for t in found
    ]
    if rows:
        term.say(table(["ID", "COMPLEXITY", "RESOURCES", "CATEGORY", "FOR"], rows))
    else:
        term.say("No template is like that; alma templates list shows all.")
    if term.as_json:
        term.answer({"items": found})


@app.command("show", epilog=EPILOG)
def show(
    id_: Annotated[
        str, typer.Argument(metavar="ID", help="A template, as in the list.", show_default=False)
    ],
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Show what a template contains and what can be turned."""
    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma templates show") as client:
        found = client.template(id_)
    _describe(term, found)
    if term.as_json:
        term.answer(found)


@app.command("customize", epilog=EPILOG)
def customize(
    id_: Annotated[
        str, typer.Argument(metavar="ID", help="A template, as in the list.", show_default=False)
    ],
    parameters: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="What to turn.", show_default=False),
    ] = None,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Print a template's blueprint, with some things turned: YAML, ready for `alma deploy`."""
    from alma.cli.connect import connected
    from alma.cli.parameters import parameter
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    values = dict(parameter(text) for text in parameters or [])
    with connected(server, term, doing="alma templates customize") as client:
        found = client.customize(id_, values)
    if term.as_json:
        term.answer(found)
    else:
        from alma.core.model.yaml_writer import write_yaml

        term.raw(write_yaml(found))


def _resources(template: Json) -> str:
    found = template.get("resource_count", template.get("resources"))
    if found is None:
        found = len((template.get("blueprint") or {}).get("resources") or [])
    return str(len(found) if isinstance(found, list) else found)


def _describe(term: Terminal, template: Json) -> None:
    from rich.text import Text

    from alma.cli.render.tables import blueprint_table, state, table

    heading = Text.assemble((template["id"], "bold"), f"  {template['name']} · ")
    term.say(
        heading.append_text(state(template["complexity"])).append(f" · {template['category']}")
    )
    term.say(Text(str(template["description"])), "", blueprint_table(template["blueprint"]), "")
    knobs = template.get("parameters") or {}
    rows = [(key, _default(item), _about(item)) for key, item in knobs.items()]
    term.say(table(["PARAMETER", "DEFAULT", "WHAT IT TURNS"], rows), "")
    example = next(iter(knobs), None)
    turned = f" {example}={_default(knobs[example])}" if example else ""
    term.say(Text(f"alma templates customize {template['id']}{turned} > app.yaml", style="dim"))


def _default(parameter: Json) -> str:
    value = parameter.get("default")
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _about(parameter: Json) -> str:
    text = str(parameter.get("description") or parameter.get("title") or "")
    return f"{text} ({parameter['takes']})" if parameter.get("takes") else text
