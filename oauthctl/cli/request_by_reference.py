"""The request object that the server fetches from here: where, and whether that can be.

Here: opening the place, telling what the server says to it. Not here: the object (`flows.request_object`), the sockets (`shell.offered`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oauthctl.cli.planning import ELSEWHERE, Wishes
from oauthctl.errors import ConfigError
from oauthctl.messages.request_object import REFERENCE

if TYPE_CHECKING:
    from oauthctl.cli.output import Output
    from oauthctl.messages.metadata import ProviderMetadata
    from oauthctl.shell.world import World


def check_reference(wishes: Wishes, grant: str) -> None:
    """Raises `ConfigError` for wishes that don't go together.

    Source: RFC 9126 section 2.1: `request_uri` must not be among what is pushed.
    """
    if wishes.request_object != REFERENCE:
        if wishes.request_uri or wishes.request_port:
            raise ConfigError("only a request object by reference is fetched from here", help="add `--request-object reference`")
        return
    if wishes.par == "always":
        raise ConfigError(
            "a request is pushed or fetched from here, not both",
            spec="RFC 9126 section 2.1",
            help="leave `--par always` out, or `--request-object reference`",
        )
    if grant in ELSEWHERE:
        raise ConfigError(f"with the grant `{grant}` no browser brings a reference", help="leave `--request-object reference` out")


def open_offers(world: World, out: Output, metadata: ProviderMetadata, wishes: Wishes) -> str:
    """The URL from which the server is to fetch the request object, with somebody listening there; empty where it goes another way.

    Raises `ConfigError` where the server wants the URL registered: a port that is free by chance can't be.
    """
    if wishes.request_object != REFERENCE:
        return ""
    from oauthctl.http import is_loopback
    from oauthctl.shell.offered import OfferListener

    if metadata.raw("request_uri_parameter_supported") is False:
        out.warn("by its metadata the server fetches no request objects (`request_uri_parameter_supported`): it will probably refuse")
    if metadata.require_request_uri_registration and not wishes.request_uri:
        raise ConfigError(
            "this server fetches request objects from registered URLs alone (`require_request_uri_registration`), and none is named",
            spec="OpenID Connect Discovery 1.0 section 3",
            help="register one in the client's `request_uris`, and name it: `--request-uri http://127.0.0.1:8499/request.jwt`",
        )
    world.offers = OfferListener(wishes.request_uri, port=wishes.request_port)
    uri = world.offers.open()
    if is_loopback(uri) and not is_loopback(metadata.authorization_endpoint or ""):
        out.warn(f"`{uri}` is on this machine: the server can't fetch from there; `--request-uri` names a URL that leads here")
    out.say("the server fetches the request object from ", uri)
    return uri
