"""Adapters for what runs infrastructure: each translates one vendor to the engine contract.

An adapter knows the nouns and the ports of the core and nothing else of ALMA. Its SDK is imported
nowhere else, and only when the engine is used, so an engine that is not installed costs nothing.
"""
