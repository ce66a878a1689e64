"""ALMA in a terminal, one file per verb. Imports stay lazy: `alma --help` must not pay for a server."""
