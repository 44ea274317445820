"""What stays on disk: profiles, tokens, recordings."""
