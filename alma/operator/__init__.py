"""The operator: ALMA from inside a cluster. An edge like the API and the command line: it looks at objects, calls the
services, and writes down in the objects what became of them.

What decides is plain functions and `Reconciling` over the services; only `watching` knows kopf, and only `cluster` the
client. Nothing here reaches an engine but through a request that was approved.
"""
