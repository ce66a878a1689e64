"""The adapter of what libraries do for credentials: slow hashes of passwords (argon2), signed tokens (joserfc).

Nothing is imported before it is used: a server with keys alone pays for neither.
"""
