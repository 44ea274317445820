"""Completion scripts: the tree of commands into one script for each shell. Static text, so that a TAB starts no Python."""
