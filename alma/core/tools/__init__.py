"""The tools: what ALMA can work out about infrastructure, each defined once for people, programs and models."""
