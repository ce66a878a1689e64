"""What a person wants done: clauses with one act each, told by the grammar and, as a second opinion, by examples.

Here belongs what tells a question from an order and a remark from either, and which orders may do more than change a
draft. It is decided before anything is made, so that a question never creates a resource.
"""
