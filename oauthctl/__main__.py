"""`python -m oauthctl`: the same as the console script."""

from oauthctl.cli.main import script

script()
