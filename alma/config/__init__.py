"""Data that users may edit: templates, software, policies, prices. Shipped as package data.

It is read with `importlib.resources`, never relative to the working directory, so that it is found in an installed
wheel too. What people add lies in their own folder and survives an upgrade:

- `<folder>/software.d/*.yaml` adds entries to the software catalogue, or changes single fields of known ones;
- `<folder>/blueprints.d/*.yaml` adds templates, or replaces known ones;
- `<folder>/prices/onprem.yaml` enters one's own machines and prices;
- `<folder>/prices/<provider>.yaml` changes prices of a cloud, or adds one;
- `<folder>/capacity.yaml` changes what is assumed of load, or replaces it by what somebody measured;
- `<folder>/workloads.yaml` does the same for kinds of work;
- `<folder>/availability.yaml` changes how often parts are taken to fail, and for how long;
- `<folder>/policies/*.yaml` adds rules, or changes what known ones do; `policies/<project>/*.yaml` for one project;
- `<folder>/migration.yaml` changes what stands for what on other platforms, and what moves are reckoned with;
- `<folder>/lifecycle.yaml` changes until when versions are maintained.

Files are read in the order of their names; the last word counts. A mistake names the file, the entry and the field.
"""

from __future__ import annotations

from alma.config.clouds import load_clouds, save_prices
from alma.config.connections import load_connections
from alma.config.loading import (
    load_availability,
    load_capacity,
    load_catalogue,
    load_migration,
    load_prices,
    load_templates,
    load_workloads,
)
from alma.config.models import load_models

__all__ = [
    "load_availability",
    "load_capacity",
    "load_catalogue",
    "load_clouds",
    "load_connections",
    "load_migration",
    "load_models",
    "load_prices",
    "load_templates",
    "load_workloads",
    "save_prices",
]
