"""Provisioning: what brings software into a guest that has an operating system of its own, over SSH.

`run.py` is what the engine calls. The work itself is done by a child process (`python -m` this package), because
pyinfra needs gevent, which patches the standard library and must never meet an event loop. The child gets a job as JSON
on standard input, secrets included, and answers with JSON lines (`messages.py`) in which no secret is.
"""
