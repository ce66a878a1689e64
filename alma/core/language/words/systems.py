"""The operating systems that machines are told by, for the patterns that look for them."""

from __future__ import annotations

SYSTEM = (
    r"(?:ubuntu|debian|alpine|rocky(?: linux)?|alma(?:linux)?|centos|fedora|windows|rhel|arch(?: linux)?|opensuse|suse|"
    r"freebsd|nixos|gentoo)"
)
"""What one may be called, as a pattern."""
