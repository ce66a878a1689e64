"""Starts the server on port 8000: `python run_server.py`, the same as `alma serve`."""

import sys

from alma.cli.app import main

if __name__ == "__main__":
    sys.argv[1:] = ["serve", *sys.argv[1:]]
    main()
