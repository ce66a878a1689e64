"""What a message is made of: characters cut into tokens, with the numbers, amounts, ranges and names in them.

Here belongs what can be read off the text alone, without knowing what any word means.
"""
