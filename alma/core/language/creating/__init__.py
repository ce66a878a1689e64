"""Noun phrases to new resources: their sizes, addresses and names, what stands in front of whom, and whole systems.

Here belongs what puts something into a blueprint that was not in it. What nobody said is marked as assumed.
"""
