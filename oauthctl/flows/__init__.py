"""Flows: scripts without I/O. Each is a generator of steps that the driver carries out."""
