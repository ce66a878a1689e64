"""The words that rules of firewalls are made of, apart from how they are put together."""

from __future__ import annotations

SERVICES: dict[str, tuple[int | str, ...]] = {
    "http": (80,), "https": (443,), "ssh": (22,), "rdp": (3389,), "smtp": (25,), "dns": ("53/udp", 53), "ftp": (21,),
    "sftp": (22,), "imap": (143,), "ldap": (389,), "ldaps": (636,), "ntp": ("123/udp",), "snmp": ("161/udp",),
    "syslog": ("514/udp",), "vnc": (5900,), "mysql": (3306,), "mariadb": (3306,), "postgresql": (5432,),
    "postgres": (5432,), "redis": (6379,), "mongodb": (27017,), "smb": (445,), "nfs": (2049,),
    "wireguard": ("51820/udp",),
    "openvpn": ("1194/udp",), "kubernetes api": (6443,), "winrm": (5985,), "telnet": (23,), "web": (80, 443),
}  # fmt: skip
ALLOW = frozenset(
    "allow allows allowing allowed permit permits permitting permitted accept accepts accepting open "
    "opens let lets whitelist expose".split()
)
DENY = frozenset(
    "block blocks blocking blocked deny denies denying denied drop drops reject rejects refuse forbid "
    "forbids disallow prohibit close closes filter blacklist".split()
)
LOOSE = frozenset(
    "drop drops reject refuse open opens expose let lets close closes accept filter".split()
)
AFTER_PORT = frozenset(
    "and or from to for only on tcp udp in port ports is open at by but deny block everything traffic "
    "else except allow with so then through".split()
)
OUTSIDE = frozenset(
    "anywhere everywhere everyone anyone anybody everybody internet outside world public".split()
)
TOWARDS = {"to", "on", "for"}
NO_ORDER = {"cidr", "address", "ip", "wide", "s"}
NO_OBJECT = {"storage", "volume", "device", "source"}
EVERYTHING = frozenset(
    "all any everything traffic incoming inbound connection connections ingress else other rest remaining "
    "anything default network request requests".split()
)
TRAFFIC = frozenset(
    "traffic incoming inbound connection connections ingress everything anything rest else".split()
)
OUTWARDS = {"outgoing", "outbound", "egress"}
EXCEPT = {"except", "excepting", "besides", "but", "excluding", "unless"}
ANYONE = frozenset(
    "anywhere everywhere everyone anyone anybody everybody internet outside world public all any".split()
)
PASSING = frozenset(
    "port ports the a an access tcp only in into on over for via my our and , or & + be is are to that it "
    "protocol just of ( ) ip address range subnet network office vpn / coming through login logins "
    "connecting s service".split()
)
MAY = frozenset("may can should must could is are be allowed able to get have has".split())
ACCESSING = frozenset("reach access connect talk speak".split())
ACCESS = {"reach", "access", "connect"}
REACH = {"ssh", "access", "reach", "connect", "use", "talk", "speak", "rdp", "see"}
REACHABLE = frozenset("reachable accessible available accessed reached open accept accepts".split())
ONLY = {"only", "just", "restricted", "limited", "restrict", "limit"}
END = {".", ";", "\n", "!", "?", "then", "with", "plus", "also", "so", "because", "while"}
LEADING = frozenset(
    "the my our a ip address network office subnet range home ( internal vpn only from trusted "
    "addresses host hosts".split()
)
