"""The commands. Each joins flows, store and views, and does nothing else."""
