"""What resources are there for, by the software they run and the names they have: who measures, who keeps logs."""

from __future__ import annotations

import re

from alma.core.model.blueprint import Resource

MONITORING = "monitoring"
LOGS = "logs"
ALERTING = "alerting"
SECRETS = "secrets"
ACCESS = "access"
INTRUSION = "intrusion"
BACKUP = "backup"

_WORDS = {
    MONITORING: (
        "prometheus victoriametrics zabbix netdata nagios icinga icinga2 checkmk telegraf datadog thanos mimir "
        "uptime-kuma grafana monitoring"
    ),
    LOGS: (
        "loki graylog logstash fluentd fluentbit fluent-bit vector splunk rsyslog syslog kibana elk victorialogs "
        "logging logs"
    ),
    ALERTING: "alertmanager pagerduty opsgenie karma uptime-kuma zabbix nagios icinga icinga2 checkmk alerting",
    SECRETS: "vault openbao infisical conjur",
    ACCESS: (
        "wireguard openvpn tailscale headscale netbird bastion jumphost jump-host teleport guacamole boundary vpn"
    ),
    INTRUSION: "suricata wazuh crowdsec falco zeek snort ossec ids ips",
    BACKUP: (
        "proxmox-backup-server pbs restic borg borgbackup velero bareos bacula veeam pgbackrest barman kopia backup"
    ),
}
_SPLIT = re.compile(r"[^a-z0-9]+")


def roles_of(resource: Resource, software: str | None) -> frozenset[str]:
    """The roles a resource has. A resource's own label `role` counts, too."""
    said = {software or "", (resource.labels.get("role") or "").casefold(), *_image_words(resource)}
    name = resource.name.casefold()
    said |= {name, *(part for part in _SPLIT.split(name) if part)}
    if software:
        said.update(part for part in _SPLIT.split(software) if part == BACKUP)
    return frozenset(role for role, words in _SETS.items() if said & words)


def _image_words(resource: Resource) -> tuple[str, ...]:
    if resource.image is None:
        return ()
    last = resource.image.casefold().rpartition("/")[2]
    return (re.split("[:@]", last)[0],)


_SETS = {role: frozenset(words.split()) for role, words in _WORDS.items()}
