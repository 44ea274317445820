"""The HTML report: one file that needs nothing else, in which no recorded value can become markup."""
