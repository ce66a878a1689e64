"""Noun phrases: tagged words to heads with their counts, names and attributes, and how the phrases of a clause relate.

Here belongs what finds out what was said. Nothing here knows what is wanted with it.
"""
