"""The Kubernetes engine: a stack is a set of workloads, claims and policies in a namespace of a cluster.

What is pure (manifests, shapes, what a server serves) can be had without the SDK; only `client` needs it.
"""
