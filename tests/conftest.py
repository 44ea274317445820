from __future__ import annotations

from hypothesis import settings

# The same cases on every machine, and no deadline that a busy one would miss.
settings.register_profile("steady", derandomize=True, database=None, deadline=None)
settings.load_profile("steady")
