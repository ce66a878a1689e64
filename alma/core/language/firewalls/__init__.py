"""Firewall rules in words, read before anything else and made into firewalls.

Here belongs what knows how rules are said: their words mean something else everywhere else.
"""
