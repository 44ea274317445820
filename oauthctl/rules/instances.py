"""Which of several servers behind one address gave an answer, and whether a cache gave it.

Here: what headers say of that. Not here: what follows (`cookie_absent`, `caches`).
"""

from __future__ import annotations

import re

from oauthctl.http import decimal
from oauthctl.messages.param import Message
from oauthctl.rules.seen import Seen

# Where proxies and applications name the server that answered.
_NAMES = (
    "x-served-by",
    "x-backend",
    "x-backend-server",
    "x-instance-id",
    "x-instance",
    "x-pod-name",
    "x-pod",
    "x-hostname",
    "x-host",
    "x-server",
    "x-server-name",
    "x-server-id",
    "x-node",
    "x-node-id",
    "x-upstream",
    "x-upstream-addr",
    "x-container-id",
    "x-replica",
    "x-worker",
    "x-application-instance",
    "x-azure-instance",
    "fly-machine-id",
    "x-amzn-instance",
)
# Of caches, whose nodes are many: they name themselves as they like.
_OF_CACHE = re.compile(r"^cache-|^varnish|^cdn|cloudfront|^(?:fra|lhr|iad|sjc|ams)\d", re.IGNORECASE)
_HIT_NAMES = (
    "x-cache",
    "cf-cache-status",
    "x-cache-status",
    "x-proxy-cache",
    "x-nginx-cache",
    "x-vercel-cache",
    "x-fastcgi-cache",
    "x-drupal-cache",
)
_HIT = re.compile(r"\bhit\b|\bstale\b|\bupdating\b|\brevalidated\b", re.IGNORECASE)
_STATUS_HIT = re.compile(r";\s*hit\b", re.IGNORECASE)


def instance_of(seen: Seen[Message]) -> tuple[str, str] | None:
    """The header that names the server behind the address, and its name; None when none does."""
    for name in _NAMES:
        value = seen.reply.header(name).strip()
        if value and not _OF_CACHE.search(value):
            return name, value[:80]
    return None


def cache_hit(seen: Seen[Message]) -> tuple[str, str] | None:
    """The header that says that a shared cache gave this answer, and what it says; None when none does. Source: RFC 9111, RFC 9211."""
    for name in _HIT_NAMES:
        value = seen.reply.header(name)
        if _HIT.search(value):
            return name, value[:80]
    status = seen.reply.header("cache-status")
    if _STATUS_HIT.search(status):
        return "cache-status", status[:80]
    age = seen.reply.header("age").strip()
    return ("age", age[:20]) if decimal(age, digits=20) else None
