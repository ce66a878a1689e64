"""ALMA for MCP clients: the tools of the registry, and the few that clients of older servers know.

It speaks to an ALMA that runs, over its HTTP API: so names, schemas, answers and permissions are the same there and
here, and any number of clients can share one installation.
"""
