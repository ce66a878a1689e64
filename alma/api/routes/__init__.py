"""One file per noun. Routes forward: they read what was sent, ask one service, and show what it answers."""
