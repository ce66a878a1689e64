"""What every request passes before a route sees it: pure ASGI, so that it costs microseconds and streams stream.

Who only passes a request on returns what is within instead of awaiting it: there are more than a dozen of them, and
each that waits is one more to wake at every step of every answer.
"""
