"""What an approved change does in a cluster, step by step."""
