"""What every request passes before a route sees it: pure ASGI, so that a request pays microseconds and streams stream."""
