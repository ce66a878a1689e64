"""What goes over the wire: requests as callers send them, answers as views of the core's nouns."""
