"""A look at a whole message before any word of it is read.

Here belongs what keeps a message, or a part of it, from being read as a request: another language, a paste, a form,
words of somebody else.
"""
