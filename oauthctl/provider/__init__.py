"""A whole provider as a pure function: `handle(state, request)`."""
