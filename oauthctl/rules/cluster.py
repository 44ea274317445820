"""What clusters say when they take nobody's word for who calls: Kubernetes and its kin.

Here: sentences that leave the cause open. Not here: what the API server's own log tells (`log_words.toml`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oauthctl.findings import Candidate, Evidence
from oauthctl.rules.dialects import said_in_log
from oauthctl.rules.registry import Certainty, Found, rule
from oauthctl.rules.scene import Scene
from oauthctl.specs import Section

_REFUSED = re.compile(
    r"you must be logged in to the server|the server has asked for the client to provide credentials|"
    r"kubernetes cluster unreachable: [^\n]{0,80}(?:unauthorized|provide credentials)",
    re.IGNORECASE,
)


_NO_PLUGIN = re.compile(
    r"getting credentials: (?:exec: ){1,2}(?:executable )?[\"']?(?P<name>[\w./\\-]{1,80})[\"']?:? (?P<why>not found"
    r"|failed with exit code \d+|executable file not found[^\n]{0,40}|no such file or directory)",
    re.IGNORECASE,
)


@rule(Section("RFC 6750", "3.1"), explains=("cluster-login-refused", "error-without-request"))
def cluster_login_plugin_failed(scene: Scene) -> Iterator[Found]:
    """The plugin that gets kubectl its token is missing or failed."""
    match = _NO_PLUGIN.search(scene.given.local_error)
    if match is None:
        return
    name = match["name"].rpartition("/")[2]
    is_missing = "not found" in match["why"].lower() or "no such" in match["why"].lower()
    what = "is not installed, or not in the `PATH`" if is_missing else f"ran and {match['why']}: it got no token from the provider"
    yield Found(
        cause=f"kubectl asks the login plugin `{name}` (the kubeconfig's `exec`) for a token, and that {what}. The cluster was never "
        "asked.",
        help=f"Install `{name}` for this user and put it into the `PATH` that kubectl sees."
        if is_missing
        else f"Run `{name}` with the arguments of the kubeconfig's `exec` section by hand: it prints why the sign-in failed (issuer, "
        "client, browser, a cache that is out of date).",
        evidence=(Evidence(None, "given.local_error", "a token", match[0][:200]),),
        certainty=Certainty.LIKELY,
    )


@rule(Section("RFC 6750", "3.1"), explains=("error-without-request", "api-call-refused"))
def cluster_login_refused(scene: Scene) -> Iterator[Found]:
    """The cluster's API server does not take the credentials that kubectl sends, and does not say why."""
    match = _REFUSED.search(scene.given.local_error)
    if match is None or said_in_log(scene.given.local_error):
        return
    yield Found(
        cause="The cluster's API server answered 401 (Unauthorized): it does not take the token that kubectl (or Helm) sent, or got none. "
        "Most likely first: the ID token has expired and was not refreshed, the kubeconfig's user belongs to another cluster or account, "
        "or the API server expects another issuer or audience.",
        help="Sign in anew (`kubectl oidc-login`, `gcloud container clusters get-credentials`, `aws eks update-kubeconfig`, `az aks "
        "get-credentials`, `oc login`), and look with `kubectl config view --minify` which user and cluster are in use.",
        evidence=(Evidence(None, "given.local_error", "a call that is accepted", match[0][:200]),),
        certainty=Certainty.POSSIBLE,
        candidates=(
            Candidate(
                "The token has expired: the ID token of the sign-in, or a service account's.",
                "Sign in again, and clear the login plugin's cache (`~/.kube/cache/oidc-login`).",
            ),
            Candidate(
                "The credentials belong to another cluster or account, or the login plugin finds none.",
                "Compare the kubeconfig's context, and for EKS the AWS profile (`aws sts get-caller-identity`).",
            ),
            Candidate(
                "The API server is configured for another issuer, audience (client) or signing algorithm.",
                "Compare `--oidc-issuer-url` and `--oidc-client-id` (or the AuthenticationConfiguration) with the token's `iss` and `aud`.",
            ),
            Candidate("The identity is not known to the cluster (EKS access entries, `aws-auth`).", "Add it there."),
        ),
        probe="The API server's own log has the reason (`Unable to authenticate the request`); `kubectl -v=8` shows whether a token goes "
        "along.",
    )
