"""What ALMA is, apart from how it is reached: no web framework, no SQL and no vendor SDK in here.

Whatever the core needs from outside it asks for through `alma.core.ports`, so that everything it
decides can be tested without a server, a database or an engine.
"""
