"""The words that servers write into answers and paths whatever the secrets are.

Here: vocabulary, so that a password such as `wrong` or `secret` is hidden where it stands, and the server's own sentences keep that word.
Not here: where secrets stand (`secret_places`), hiding them (`redact`). None of these words tells anything by occurring somewhere.
"""

from __future__ import annotations

import re

_WORDS = frozenset(
    """
    abort above access account acquire acquired acquisition active activity actually additional address admin administrator again
    algorithm allow allowed already also another answer anything apikey apparently application approved argument array assertion
    assigned attempt attempts attribute audience audiences auth_code authenticate authenticated authentication author authorisation
    authorise authorization authorize authorized automatic available back backend base based basic bearer because been before begin
    below binding block blocked body both bound browser bytes cache cached caching call callback called cannot certificate challenge
    change changed character check claim claims client client_id client_secret clients clock code common compare complete complexity
    configuration configure configured conflict connect connection consent contact contain contains content contents contract cookie
    correct could create created credential credentials criteria cross currently customer data database date decode decoder decoding
    default define defined delete deleted demo denied deny description detail details developer device different digest directory
    disable disabled discovery display document does domain done dpop duplicate duplicated either email empty enable enabled encode
    encoded encoding encrypted ended endpoint enroll enter entered entry environment error errors event every everything exceed exceeded
    exception exchange exchanger exist exists expect expected expiration expire expired expires expiring expiry explicit external fail
    failed failure fake false families family federated fetching field file filter find first flow follow forbid forbidden form format
    found fragment frame from full function gateway general generate generated generator given grant granted graph group guest handle
    handler handling hash hasher hashes hashing have header headers help hidden hint holder home host http https hybrid identifier
    identity implicit inactive include included including incorrect information initial input insecure inside instance insufficient
    integer interaction interceptor internal introspect introspection introspector invalid issuance issue issued issuer issuers itself
    json just jwks keys kid kind known last later least length level library license lifespan lifetime limit link list local localhost
    locked lockout login logout longer lookup lookups made make malformed manager many match matched matching maximum member memory
    message metadata method middleware minimum mismatch mismatching missing mode modified module moment more must name named native near
    need needed negative neither network never next nonce none normal not-found notfound nothing null number oauth oauth2 object obtain
    obtained offline oidc once only open openid operation option optional organization origin other otherwise owner page parameter
    parameter's parameters parse parsed parser parsing parties party pass passcode passed passes passing passphrase password passwords
    path payload payloads pending permission permissions permitted person pipeline pkce place plain platform please plugin policy pool
    port possible possibly post prefix present presented previous previously primary principal private probably problem process
    production profile project prompt proof proper property protected protocol provide provided provider proxy public published query
    random rate read reads really realm realms reason reauthentication received recently recognized record redeemed redemption redirect
    redirected redirection reference refresh refused region register registered registration reject rejected related remote remove
    removed renew repeat replacement replay replayed reply request requested requests require required requirements requires reset
    resource resources response restricted result retrieval retry return returned reuse reused revocation revocations revoke revoked
    right role roles root rotate rotated rotating rotation rotations route rule rules salt same sample sandbox scheme scope scopes
    script secret secrets section secure security select self send sender sending sent sequence server service session sessionid
    sessions setting settings setup share should show sign signature signed signer signin signing signout signup simple since single
    site something space specified staging standard start started state status step still storage store stored strength string style
    subject submit submitted subscription success successful such suffix supplied supply support supported suspended system target temp
    temporarily tenant terminated test tested tester testing text than that their them then there these they this thread through ticket
    time timeout timestamp token tokens transaction transmitted transport true trust trusted twice type types unable unauthenticated
    unauthorised unauthorized unavailable undefined unexpected unique unknown unlock unrecognized unregistered unsupported until update
    updated upstream used user userinfo username users using valid validate validated validating validation value values vault
    verification verified verifier verify version view wait want warning were what when where whether which while whose will window with
    within without write written wrong yesterday your
    """.split()  # noqa: SIM905 - one word a line would be five hundred lines
)


def is_server_word(text: str) -> bool:
    """Whether a text is a word that answers and paths are full of, in any case."""
    return text.lower() in _WORDS


# Words that every sentence has, and what says that a value was left out.
_SMALL = frozenset(
    """
    a all an and any are as at be but by can did do for get got had has he i if in is it its jwt me my new nil no nor not of off ok old on
    or our out per saml set shall she so sso the to too two unset up uri url us was we web who why yes yet you
    """.split()  # noqa: SIM905 - one word a line would be seventy lines
)
_APART = re.compile(r"[_\s./:'’+-]+|(?<=[a-z])(?=[A-Z])")
# `AADSTS50011`, `1730628000`, `2026-03-01T10:00:00Z`, `ExpiredSignatureError`, `%s`, `$SECRET`, `xxxx`.
_NO_VALUE = re.compile(r"[A-Z]+[-_]?\d+|[\d.:TZ+-]+|\w*(?:Error|Exception)|[%$]\S*|[xX*.]+|\W+")


def stands_for_nothing(text: str) -> bool:
    """Whether a text is a number, a code of an error or what is put in the place of a value."""
    return _NO_VALUE.fullmatch(text) is not None


def is_made_of_server_words(text: str) -> bool:
    """Whether a text is one of those words or several (`client-credentials`, `NotFound`), or stands for no value at all."""
    if stands_for_nothing(text):
        return True
    return all(not part or part.lower() in _SMALL or is_server_word(part) for part in _APART.split(text))
