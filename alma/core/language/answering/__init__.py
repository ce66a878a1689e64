"""What ALMA says about a message that was read: what was understood, assumed, left over, what it costs, what is next.

Here belongs every sentence that is made of an interpretation and its edits. It decides nothing.
"""
