"""The certificate that a published key brings along.

Here: whether it is that key's. Not here: whom the certificate is from, and whether to trust it: a key set is trusted for where it stands.
"""

from __future__ import annotations

from base64 import b64decode

from oauthctl.jose.jwk import Jwk, from_public_key


def is_of_another_key(key: Jwk) -> bool:
    """Whether the first certificate of `x5c` holds another public key than the JWK's own members; False for one that can't be read.

    Source: RFC 7517 section 4.7.
    """
    chain = key.as_dict().get("x5c")
    first = chain[0] if isinstance(chain, list) and chain else None
    own = key.thumbprint()
    if not isinstance(first, str) or not own:
        return False
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        held = from_public_key(x509.load_der_x509_certificate(b64decode(first)).public_key())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    theirs = held.thumbprint()
    return bool(theirs) and theirs != own
