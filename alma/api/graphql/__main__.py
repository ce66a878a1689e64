"""Writes the schema: `python -m alma.api.graphql > docs/schema.graphql`."""

from __future__ import annotations

import sys

from alma.api.graphql.schema import schema

sys.stdout.write(schema().as_str() + "\n")
