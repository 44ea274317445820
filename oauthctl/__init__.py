"""oauthctl: the debugger for OAuth 2.x and OpenID Connect on the command line."""

__version__ = "0.1.0"
