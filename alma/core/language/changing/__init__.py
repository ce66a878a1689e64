"""Orders about what is there: which resources are meant, and what becomes of them.

Here belongs every edit of a resource that exists: its amounts, software, links, wishes, number and name. Only what was
named changes.
"""
