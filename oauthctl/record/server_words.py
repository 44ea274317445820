"""The words that servers write into answers and paths whatever the secrets are.

Here: vocabulary, so that a password such as `wrong` or `secret` is hidden where it stands, and the server's own sentences keep that word.
Not here: where secrets stand (`secret_places`), hiding them (`redact`). None of these words tells anything by occurring somewhere.
"""

from __future__ import annotations

_WORDS = frozenset(
    """
    abort access account active activity additional address admin administrator algorithm allow allowed already another answer apikey
    application approved argument array assertion assigned attempt attribute audience authenticate authenticated authentication author
    authorisation authorise authorize authorized authorization auth_code automatic available back backend base based basic bearer because
    been before begin block blocked body browser cache call callback called cannot certificate challenge change changed character check
    claim claims client client_id client_secret clients clock code common compare complete configuration configure configured conflict
    connect connection consent contact contain contains content contract cookie correct could create created credential credentials
    cross currently customer data database date decode default define defined delete deleted demo denied deny description detail details
    developer device different digest directory disable disabled discovery display document does domain done dpop duplicate duplicated
    email empty enable enabled encode encoded encoding encrypted endpoint ended enroll enter environment error errors event exceed
    exceeded exception exchange exist exists expect expected expire expired expires explicit external fail failed failure fake false
    federated field file find first flow follow forbid forbidden form format found fragment frame from full function gateway general
    generate generated given grant granted graph group guest handle handling hash have header headers help hidden hint home host http
    https hybrid identifier identity implicit include included including incorrect information initial inactive input insecure inside
    instance insufficient integer interaction internal introspect introspection invalid issue issued issuer json jwks keys kind known last
    later least length level license limit link list local localhost locked lockout login logout longer lookup made make malformed many
    match matched matching maximum member memory message metadata method minimum mismatch mismatching missing mode modified moment more
    must name named native near need needed negative network never next none nonce normal not-found notfound null number oauth oauth2
    object obtain offline oidc once only open openid operation option optional organization origin other otherwise page parameter
    parameters parse pass passed passcode passphrase password passwords path payload pending permission permissions permitted person
    pipeline pkce place plain platform please policy pool port possible post prefix present presented previous primary principal private
    problem process production profile project prompt proof proper property protected protocol provide provided provider proxy public
    published query random rate read realm realms reason received recognized record redeemed redirect redirected redirection reference
    refresh refused region register registered registration reject rejected related remote remove removed renew repeat reply request
    requested requests require required requires reset resource resources response restricted result retry return returned reused
    revocation revoke revoked right role roles root rotate rotated route rule salt sample same sandbox scheme scope scopes script secret
    secrets section secure security select self sender send sent sequence server service session sessions setting settings setup share
    should show sign signature signed signin signout signup simple since single site something space specified staging standard start
    started state status step still storage store string style subject submit subscription success successful such suffix support
    supported suspended system target temp temporarily tenant terminated test tested tester testing text than that their them then there
    these they this thread through ticket time timeout timestamp token tokens transaction transport true trust trusted twice type types
    unable unauthenticated unauthorised unauthorized unavailable undefined unexpected unique unknown unlock unregistered unrecognized
    unsupported until update updated upstream used user userinfo username users using valid validate validated validating validation value
    values vault verification verified verifier verify version view wait want warning were what when where whether which while will window
    with within without wrong yesterday your
    """.split()  # noqa: SIM905 - one word a line would be five hundred lines
)


def is_server_word(text: str) -> bool:
    """Whether a text is a word that answers and paths are full of, in any case."""
    return text.lower() in _WORDS
