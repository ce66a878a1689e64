"""The conversation-to-deployment state machine and the council that reviews what it drafts.

It stands above the services and adds no power of its own: an agent does what a person could do, by
the same calls, under the same rules. Only `graph` knows LangGraph.
"""
