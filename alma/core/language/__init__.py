"""Words to typed edits of a blueprint, offline and deterministic: the answer that needs no model.

The path of a message, and where each step lives; a step imports those after it in the list below, never those before:

`interpreter` ties the steps together: `reader` goes through the clauses of a message, `clauses` leads each of them to
what makes or changes something, and `reading` is what they have become so far.
`answering`, `followups`, `firewalls`: what is said of it, what it owes to what was there before, rules in words.
`creating`, then `changing`: new resources, and what becomes of those that are there.
`intent`, `editing`: what is wanted, decided before anything is extracted; and the edits it becomes.
`parsing`, `wording`, `screening`: noun phrases; many ways to say a thing as one; what is no request at all.
`vocabulary`, then `words`: what words can mean, and what a message is made of.
"""
