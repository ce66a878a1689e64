"""The Proxmox VE engine: guests on a cluster of people's own machines, through the API that the web interface uses."""
