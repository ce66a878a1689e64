"""ALMA over HTTP: routes, streams and the mapping from domain errors to status codes.

Nothing is decided here. The only package, besides the middleware, that knows FastAPI.
"""
