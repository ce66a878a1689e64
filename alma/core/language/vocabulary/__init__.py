"""What words can mean: the phrases ALMA knows (`gazetteer.yaml`, `apps.yaml`, the catalogue), and what is assumed of
each type of resource when nothing was said.

Here belongs what is known before any message is read. What a word means in its place is for `parsing` to decide.
"""
