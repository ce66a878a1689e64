"""The CustomResourceDefinitions as the text that `kubectl apply` takes: what `deploy/operator/crds.yaml` holds."""

from __future__ import annotations

import json

from alma.core.model.yaml_writer import write_yaml
from alma.operator.crds import crds

_HEAD = "# Written by `alma operator crds`: apply it before the operator starts, and again with each version.\n"


def crds_text(*, as_json: bool = False) -> str:
    """Both, as documents of one file; or as a List, for programs."""
    if as_json:
        return json.dumps({"apiVersion": "v1", "kind": "List", "items": crds()}) + "\n"
    return _HEAD + "---\n".join(write_yaml(crd) for crd in crds())
