"""What a request becomes: typed edits, applied to a blueprint the same way whether words or a model proposed them.

Here belongs what creating and changing have in common: the sketch of a resource, and the outcome of a clause.
"""
