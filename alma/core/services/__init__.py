"""The use cases, one file per noun: what the API, the command line and the agent can ask for.

Rules that hold whoever asks (permissions, legal transitions, one transaction per change) live here,
so that no entry point can forget them.
"""
