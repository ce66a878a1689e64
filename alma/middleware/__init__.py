"""What every request passes before a route sees it: pure ASGI, so that it costs microseconds and streams stream."""
