"""One clause with one act, led to what creates, changes or removes.

Here belongs what has to know both creating and changing: whether a clause is about what is there or about
something new.
"""
