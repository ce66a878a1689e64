"""Words to typed edits of a blueprint, offline and deterministic: the answer that needs no model.

The path of a message: `tokens` → `gazetteer` (what each word can mean) → `acts` (what the person wants done: decided
before anything is extracted, so that a question never creates a resource) → `grammar` (noun phrases and their
attributes) → `create` and `change` (edits) → `edits` (a validated blueprint). `interpreter` ties them together and
`reply` says what was understood.
"""
