"""The record of what was sent and answered: its values, its file format, its redaction."""
