"""Durable execution: a deployment survives the death of the process, and of the machine, running it.

The only place that knows DBOS. Effects become durable steps here; what the steps do is decided in
the core.
"""
