"""Data that users may edit: templates, software, policies, prices. Shipped as package data, no code.

Read it with `importlib.resources`, never relative to the working directory, so that it is found in
an installed wheel too.
"""
