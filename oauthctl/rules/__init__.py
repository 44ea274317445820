"""Rules: pure functions of messages that name what is wrong."""
