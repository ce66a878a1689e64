"""One file per noun. A route reads the request, calls one service and words the answer."""
