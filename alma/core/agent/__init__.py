"""The state machine of a deployment and, later, the council: LangGraph is imported in `graph.py` and nowhere else."""
