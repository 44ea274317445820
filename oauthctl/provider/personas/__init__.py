"""Known providers whose quirks the practice provider can wear.

Here: the table of them (`table.toml`), what each behaviour is, and how both come over the provider. Not here: faults, which nobody means.
"""
