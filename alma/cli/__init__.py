"""ALMA in a terminal, one file per verb. It speaks HTTP and nothing else: with a server that runs, or with one that it
starts in its own process for as long as a command takes.

Imports stay lazy: `alma --help` must not pay for a client, a server or a coloured table.
"""
