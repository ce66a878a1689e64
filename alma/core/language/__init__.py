"""Words to typed edits of a blueprint, offline and deterministic.

This is what makes ALMA answer the same with and without a language model: a model may widen what is
understood, but its proposals come back here as the same edits and pass the same validation.
"""
