"""The errors of oauthctl that no rule stands for, each in a sentence: what `oauthctl explain SLUG` says of them.

Here: their slugs, what they mean, what to do, and whether a rule may say more. Not here: the errors themselves, which stand where they are
raised, nor those that have a rule's page (`rules/cases`).
"""

from __future__ import annotations

from dataclasses import dataclass

from oauthctl.messages.word import Group, Word


@dataclass(frozen=True, slots=True)
class OwnError:
    """One error by its slug. With `gives_way`, the rule that finds why is what the error is called by, where one does."""

    slug: str
    meaning: str
    help: str
    gives_way: bool = False

    @property
    def word(self) -> Word:
        """The error as a word of the list."""
        return Word(self.slug, Group.OWN_ERROR, "error of oauthctl", self.meaning, help=self.help)


def gives_way(slug: str) -> bool:
    """Whether an error of this slug may be called as the rule that finds its cause."""
    own = next((error for error in OWN_ERRORS if error.slug == slug), None)
    return own is None or own.gives_way


OWN_ERRORS = (
    OwnError(
        "answer-unusable",
        "an endpoint gave something else than the JSON that is due there",
        "look at the answer with `oauthctl trace show`; check the endpoint's URL",
        gives_way=True,
    ),
    OwnError(
        "answer-malformed",
        "what came back is no HTTP, or is not coded as it says",
        "see what stands between: a proxy, a port of another protocol",
        gives_way=True,
    ),
    OwnError(
        "connection-failed",
        "no connection came about, for a reason that the system does not name",
        "see whether host and port are right, and the network is there",
        gives_way=True,
    ),
    OwnError(
        "tls-failed",
        "no TLS connection came about, or the certificate is not good",
        "check scheme and port, then the server's certificate and its chain",
        gives_way=True,
    ),
    OwnError(
        "proxy-refused",
        "the proxy of the environment does not connect to the server",
        "set `NO_PROXY` for hosts that need no proxy, or ask who runs the proxy",
        gives_way=True,
    ),
    OwnError(
        "no-callback",
        "nobody came back to the redirect URI in time",
        "see in the browser what the server says; `--timeout SECONDS` waits longer",
        gives_way=True,
    ),
    OwnError(
        "no-metadata",
        "the issuer publishes no metadata at any place where it may be",
        "check the issuer, or name the endpoints with options such as `--token-endpoint URL`",
        gives_way=True,
    ),
    OwnError(
        "endpoint-missing",
        "the endpoint that is needed here is not in the metadata",
        "give it with its option, such as `--token-endpoint URL`",
        gives_way=True,
    ),
    OwnError(
        "jwks-unusable",
        "`jwks_uri` gave something else than a key set",
        "look at the answer with `oauthctl trace show`; name another with `--jwks-uri URL`",
        gives_way=True,
    ),
    OwnError(
        "signature-not-verified",
        "the signature of an ID token that came by the browser can't be verified",
        "make the provider's keys reachable: `jwks_uri` of its metadata, or `--jwks-uri URL`",
        gives_way=True,
    ),
    OwnError(
        "no-encryption-key",
        "the server publishes no key for whom a request object could be encrypted",
        "sign it alone with `--request-object signed`, or have the server publish one",
    ),
    OwnError("no-jwks-uri", "the token's issuer names no key set in its metadata", "name the keys: `oauthctl verify --jwks FILE|URL`"),
    OwnError(
        "sign-in-in-circles",
        "the sign-in pages lead to each other again and again",
        "see the last page in a browser; cookies may be refused there",
    ),
    OwnError(
        "no-notification",
        "the practice provider was to notify the client of a decision, and did not",
        "report it: it is a defect of the explained flow",
    ),
    OwnError(
        "backchannel-request-expired",
        "nobody decided on the other device while the request was good",
        "start again, and decide within its time",
    ),
    OwnError(
        "refresh-answer-lost",
        "the refresh token was sent before, and its answer never arrived: it counts as used",
        "sign in again with `oauthctl login`",
    ),
    OwnError(
        "subject-token-missing",
        "the place that was to give a subject token gave none",
        "run it where such a token is at hand, or name a file or variable that holds one",
    ),
    OwnError(
        "step-up-subject-differs",
        "another person signed in than the one for whom the call was made",
        "repeat the call if this is the right person",
    ),
    OwnError(
        "standard-not-met",
        "the server lacks what the standard of `--standard` demands",
        "leave `--standard` out to use the server all the same",
    ),
    OwnError(
        "dpop-key-missing", "the stored token is bound to a key that is not here any more", "sign in again with `oauthctl login --dpop`"
    ),
    OwnError("demo-step", "a step of the demo did not go as it has to", "report it: the demo checks what it shows"),
    OwnError(
        "standard-contradicted", "an option contradicts what the standard of `--standard` demands", "leave the option or the standard out"
    ),
    OwnError("option-in-vain", "an option has no effect in this case, and leaving it out unsaid would mislead", "leave it out"),
    OwnError("response-type-contradicted", "`--grant` and `--response-type` name different flows", "give one of them"),
    OwnError("response-type-unknown", "the response type is none that oauthctl speaks", "see the values with `oauthctl login --help`"),
    OwnError("scope-missing", "the response type brings an ID token, which needs the scope `openid`", 'add it: `--scope "openid …"`'),
    OwnError(
        "claims-unreadable", "the value of `--claims` can't be sent: it is no JSON, or not of its form", "see `oauthctl explain claims`"
    ),
    OwnError("parameter-repeated", "a parameter would be in the request twice", "leave out `--param`: an option sets it already"),
    OwnError(
        "no-viable-grant",
        "`--grant auto` found no grant that server and surroundings allow; the error says why each is not",
        "make one possible (a secret, a person, a user's hint), or name a grant with `--grant`",
    ),
    OwnError("no-login-hint", "CIBA needs to know who is to be asked", "give `--login-hint USER`"),
    OwnError("no-target", "no provider is named, and no profile is chosen", "name an issuer, or a profile of `oauthctl profile list`"),
    OwnError(
        "no-profile",
        "a profile is needed here, and none fits or is chosen",
        "choose one with `oauthctl profile use NAME`, or sign in with `oauthctl login`",
    ),
    OwnError("no-such-profile", "no profile has this name", "see them with `oauthctl profile list`"),
    OwnError(
        "profile-mismatch", "the profile belongs to another server than the one that is asked", "name another profile with `--profile NAME`"
    ),
    OwnError(
        "tokens-mismatch",
        "the stored tokens came from another server or client than the profile now names",
        "sign in again with `oauthctl login`",
    ),
    OwnError("no-tokens", "the profile holds no tokens", "sign in with `oauthctl login`"),
    OwnError("no-token", "the text or the file holds no token", "give a token in a file or on stdin"),
    OwnError("no-access-token", "the profile holds no access token", "sign in for a response type that brings one"),
    OwnError(
        "no-refresh-token", "the profile holds no refresh token", "sign in with the scope `offline_access`, or as the provider wants it"
    ),
    OwnError(
        "no-client-secret", "the profile holds no client secret", "give one with `--client-secret-file FILE` or `OAUTHCTL_CLIENT_SECRET`"
    ),
    OwnError("no-client", "no client is named", "give `--client-id ID`"),
    OwnError("no-assertion", "no assertion is given for the grant", "name its file with `--assertion-file FILE`"),
    OwnError(
        "no-secret",
        "the client has to prove itself by a secret, and none is known",
        "give one with `--client-secret-file FILE` or `OAUTHCTL_CLIENT_SECRET`",
    ),
    OwnError("no-key", "a private or public key is needed here, and none is given", "give one with `--client-key FILE`"),
    OwnError("no-certificate", "a client certificate is needed here, and none is given", "give one with `--client-certificate FILE`"),
    OwnError("client-auth-unknown", "no client authentication has this name", "see the methods with `oauthctl login --help`"),
    OwnError("unknown-exchange", "the recording has no exchange of this number", "see them with `oauthctl trace show`"),
    OwnError("unknown-format", "a recording can't be exported in this form", "see the forms with `oauthctl trace export --help`"),
    OwnError("unknown-rule", "no rule has this name", "see them with `oauthctl explain rules`"),
    OwnError("unknown-word", "the word is none that oauthctl knows", "see all words with `oauthctl explain`"),
    OwnError("persona-unknown", "the practice provider knows no persona of this name", "see them with `oauthctl serve --list-personas`"),
    OwnError("fault-unknown", "the practice provider knows no fault of this name", "see them with `oauthctl serve --help`"),
    OwnError("fault-setting-wrong", "a setting of a fault is not of its form", "see the settings with `oauthctl serve --help`"),
    OwnError(
        "no-person",
        "a person is needed here, and none is there: no terminal, `--no-input`, or CI",
        "run it at a terminal, or use a grant without a person",
    ),
    OwnError("no-input", "a question has to be answered, and nobody can be asked here", "give the option or variable that the error names"),
    OwnError("no-browser", "the command has no browser that it could hand a page to", "run `oauthctl login` for what needs one"),
    OwnError(
        "no-way-back",
        "nothing listens where the answer would come, and nobody can paste it",
        "use an address of this machine, such as `http://127.0.0.1/callback`",
    ),
    OwnError("no-request-listener", "nothing of ours listens where the request object was to be fetched", "use an address of this machine"),
    OwnError(
        "redirect-uri-unusable",
        "nobody can listen at this address, or it is none that a client may register",
        "use an address such as `http://127.0.0.1/callback`",
    ),
    OwnError(
        "request-uri-unusable",
        "the address can't be one from which a request object is fetched",
        "use https, or http on this machine, without a fragment",
    ),
    OwnError(
        "serve-config-unusable", "the provider's file says what nobody understands", "compare the place that is named with `serve --help`"
    ),
    OwnError("port-busy", "another program listens on the port", "end it, or choose another port"),
    OwnError("port-forbidden", "this user may not listen on the port", "choose one above 1023"),
    OwnError("port-unusable", "nobody can listen on the port", "choose another port"),
    OwnError("not-bound", "the host and port can't be listened on", "choose a host of this machine"),
    OwnError(
        "not-loopback", "the address is not this machine alone, and was not expressly allowed", "leave the host out, or allow it expressly"
    ),
    OwnError(
        "issuer-unusable",
        "the URL can't be an issuer: it has a query or a fragment, or is none of http",
        "give an http or https URL without both",
    ),
    OwnError("issuer-twice", "two providers on one server have the same issuer", "give each a path of its own: `--issuer /one`"),
    OwnError("several-issuers", "what is for one issuer alone is asked of several", "start one provider for it, with one `--issuer`"),
    OwnError(
        "issuer-not-asked",
        "a token names an issuer that is not asked for keys: it is neither https nor this machine",
        "name the issuer that you trust: `oauthctl verify --issuer URL`",
    ),
    OwnError(
        "jwks-uri-not-asked",
        "a token's issuer names a key set that is not asked: it is neither https nor allowed from there",
        "name the keys: `oauthctl verify --jwks FILE|URL`",
    ),
    OwnError("url-unusable", "the URL is none of http or https", "check its spelling"),
    OwnError(
        "not-sendable", "HTTP can't carry the request's method, path or headers", "look for line breaks and other odd characters in it"
    ),
    OwnError("token-without-tls", "a secret or a token would go by plain http to another machine, and was not sent", "use https"),
    OwnError(
        "certificate-without-tls",
        "a client certificate can be presented over TLS alone, and the URL is plain http",
        "use the endpoint's https address",
    ),
    OwnError(
        "proxy-unsupported",
        "the environment names a proxy of a kind that is not supported",
        "use an http or https proxy, or set `NO_PROXY`",
    ),
    OwnError("ca-file-unreadable", "the file with certificate authorities can't be read", "check `SSL_CERT_FILE`: it has to be PEM"),
    OwnError("certificate-unreadable", "the client's certificate can't be read", "give PEM or PKCS#12"),
    OwnError("certificate-unusable", "TLS can't use the client's certificate", "check that certificate and key belong together"),
    OwnError("key-unreadable", "the private key can't be read", "give PEM, JWK, JWKS or PKCS#12, and its passphrase if it has one"),
    OwnError("saml-unusable", "the file holds no SAML 2.0 assertion", "give the assertion alone, as XML or as base64 of it"),
    OwnError("not-a-har", "the file is none that exchanges can be read from", "export a HAR from the browser's network panel"),
    OwnError("not-utf-8", "a value has bytes that are no UTF-8 text", "save it as UTF-8"),
    OwnError(
        "secret-in-argv",
        "a secret would stand on the command line, which others can read",
        "give it by a file, stdin or an environment variable",
    ),
    OwnError(
        "secret-mismatch", "the client secret that was kept belongs to another server or client, and is not used", "give the secret anew"
    ),
    OwnError(
        "secret-too-short",
        "the client secret is too short for the algorithm of its signatures",
        "use a secret of 32 bytes or more, or a key",
    ),
    OwnError(
        "public-key-as-secret",
        "a public key stands where a shared secret is due: whoever knows it could forge tokens",
        "give it as a key with `--jwks FILE`",
    ),
    OwnError(
        "nothing-to-check", "there is nothing yet that could be judged", "run a command such as `oauthctl login` first, or name a HAR"
    ),
    OwnError("nothing-to-compare", "the source holds no message of OAuth or OpenID Connect", "name a recording with exchanges of it"),
    OwnError(
        "nothing-to-replay", "nothing in the recording can be sent again", "see with `oauthctl trace replay --dry-run` why each can't"
    ),
    OwnError("nothing-to-share", "the recording holds no exchange of OAuth", "name another recording"),
    OwnError(
        "client-id-missing",
        "the answer to a registration names no client",
        "look at the answer with `oauthctl trace show`; check the registration endpoint's URL",
        gives_way=True,
    ),
    OwnError("client-id-differs", "a registration that was asked for is about another client", "register the client anew"),
    OwnError(
        "no-registration", "nothing is kept with which the client's registration could be changed", "register one with `oauthctl register`"
    ),
    OwnError("profile-exists", "the profile has a client already", "choose another name with `--profile NAME`"),
    OwnError("no-attestation", "the client is to prove itself by an attestation, and none is named", "give `--client-attestation FILE`"),
    OwnError(
        "attestation-unusable",
        "the attestation is about another key or another client, or is none",
        "compare its `sub` and `cnf` (`oauthctl decode @FILE`) with the client and the key",
    ),
    OwnError("experimental", "what is asked for is a draft that may still change", "add `--experimental` to use it all the same"),
    OwnError("file-not-written", "a file that was to be written can't be", "name a folder that is there and may be written to"),
    OwnError("output-is-a-link", "the file that was to be written is a symbolic link", "name the file itself"),
    OwnError("junit-without-scenario", "`--junit` is for the verdicts of a scenario", "name one with `--scenario FILE`"),
    OwnError("scenario-unreadable", "the file of the scenario can't be read", "give a text file of UTF-8"),
    OwnError("scenario-wrong", "the scenario says something that no scenario can say", "see its form with `oauthctl serve --help`"),
    OwnError("nothing-decided", "in a test a person was to decide, and nothing waited for them", "have the client ask before that"),
    OwnError("sign-out-refused", "in a test a person was to sign out, and the provider did not let them", "see in `problems()` why"),
    OwnError("no-decision", "nobody decided on the other device in the time that was given", "`--timeout SECONDS` waits longer"),
)
"""Those that a server causes, then what was asked for, the surroundings, files and secrets."""
