"""The many ways to say one thing, brought to the one that is read further on.

Here belongs what rewrites a message before it is parsed (idioms, renamings, corrections, courtesy, dictation), and what
takes out of it what describes the whole (its load, its owner, who may reach it). Nothing here makes anything.
"""
