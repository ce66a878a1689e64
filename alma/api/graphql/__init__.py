"""GraphQL: the same nouns, rules and failures as over REST, asked for in one request.

Nothing here but `mounting` is imported before somebody asks for `/graphql`: the library behind it takes a third of a
second to load, and most servers are never asked.
"""
