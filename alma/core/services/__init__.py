"""Use cases, one file per noun. Routes, commands and workflows only call these; rules live here and below.

What touches the database alone is a plain function; what asks an engine is async and does its database work in threads.
"""
