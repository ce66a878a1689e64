"""Readers of foreign descriptions, one file for each; `form` tells them apart."""
