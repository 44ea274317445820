"""Protocol messages: typed lenses over raw parameters. Parsing never rejects; judging is done elsewhere."""
