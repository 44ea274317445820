"""django-oauth-toolkit 3.4 on loopback: `python django_oauth_toolkit.py PORT`, with its database in the current folder.

Alice signs in with alice-pass and consents on a second page. The issuer is <base>/o; a protected resource is
/api/hello, for scope `read`. Redirect URIs match any port on 127.0.0.1 and localhost.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIServer, make_server

import django
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings

PORT = int(sys.argv[1])
BASE = f"http://127.0.0.1:{PORT}"
REDIRECT_URIS = "http://127.0.0.1/callback http://localhost/callback"
LOGIN_PAGE = (
    '<form method="post">{% csrf_token %}{{ form }}<input type="hidden" name="next" value="{{ next }}"><button>Log in</button></form>'
)
PROVIDER = {
    "OIDC_ENABLED": True,
    "OIDC_ISS_ENDPOINT": f"{BASE}/o",
    "OIDC_RSA_PRIVATE_KEY": rsa.generate_private_key(public_exponent=65537, key_size=2048)
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode(),
    "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
    "OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT": False,
    "OIDC_TOKEN_ENDPOINT_AUTH_METHODS_SUPPORTED": ["client_secret_basic", "client_secret_post", "none"],
    "OAUTH2_VALIDATOR_CLASS": f"{__name__}.Validator",
    "PKCE_REQUIRED": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "ALLOW_LOCALHOST_LOOPBACK": True,
    "REQUEST_APPROVAL_PROMPT": "force",
    "SCOPES": {
        "openid": "sign in",
        "profile": "profile",
        "email": "email",
        "read": "read",
        "write": "write",
        "introspection": "introspect",
        "oauth2_provider:registration": "register",
    },
    "DEFAULT_SCOPES": ["read"],
    "ROTATE_REFRESH_TOKEN": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ACCESS_TOKEN_EXPIRE_SECONDS": 600,
    "REFRESH_TOKEN_EXPIRE_SECONDS": 86400,
    "DCR_ENABLED": True,
    "DCR_REGISTRATION_PERMISSION_CLASSES": ("oauth2_provider.dcr.AllowAllDCRPermission",),
    "DEVICE_FLOW_INTERVAL": 1,
    "OAUTH_DEVICE_VERIFICATION_URI": f"{BASE}/o/device/",
    "OAUTH_DEVICE_VERIFICATION_URI_COMPLETE": lambda user_code: f"{BASE}/o/device/?user_code={user_code}",
    "OAUTH2_PROTECTED_RESOURCE_IDENTIFIER": f"{BASE}/api",
    "OAUTH2_PROTECTED_RESOURCE_AUTHORIZATION_SERVERS": [f"{BASE}/o"],
}
settings.configure(
    SECRET_KEY=os.urandom(16).hex(),
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    LOGIN_URL="/login/",
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(Path.cwd() / "django.sqlite"),
            "OPTIONS": {"timeout": 20, "init_command": "PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY;"},
        }
    },
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "oauth2_provider"],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "context_processors": ["django.template.context_processors.request", "django.contrib.auth.context_processors.auth"],
                "loaders": [
                    ("django.template.loaders.locmem.Loader", {"registration/login.html": LOGIN_PAGE}),
                    "django.template.loaders.app_directories.Loader",
                ],
            },
        }
    ],
    LOGGING={
        "version": 1,
        "handlers": {"console": {"class": "logging.StreamHandler"}},
        "loggers": {"django.request": {"handlers": ["console"], "level": "ERROR"}},
    },
    OAUTH2_PROVIDER=PROVIDER,
)
django.setup()

from django.contrib.auth.models import User  # noqa: E402 - only once Django is set up
from django.contrib.auth.views import LoginView  # noqa: E402 - only once Django is set up
from django.core.management import call_command  # noqa: E402 - only once Django is set up
from django.core.wsgi import get_wsgi_application  # noqa: E402 - only once Django is set up
from django.http import HttpRequest, JsonResponse  # noqa: E402 - only once Django is set up
from django.urls import include, path  # noqa: E402 - only once Django is set up
from oauth2_provider.models import Application  # noqa: E402 - only once Django is set up
from oauth2_provider.oauth2_validators import OAuth2Validator  # noqa: E402 - only once Django is set up
from oauth2_provider.urls import metadata_urlpatterns  # noqa: E402 - only once Django is set up
from oauth2_provider.views.generic import ScopedProtectedResourceView  # noqa: E402 - only once Django is set up
from oauth2_provider.views.mixins import ProtectedResourceMetadataMixin  # noqa: E402 - only once Django is set up

CLIENTS = (
    ("public", "public", Application.GRANT_AUTHORIZATION_CODE),
    ("basic", "confidential", Application.GRANT_AUTHORIZATION_CODE),
    ("machine", "confidential", Application.GRANT_CLIENT_CREDENTIALS),
    ("device", "public", Application.GRANT_DEVICE_CODE),
    ("implicit", "public", Application.GRANT_IMPLICIT),
    ("hybrid", "public", Application.GRANT_OPENID_HYBRID),
)


class Validator(OAuth2Validator):
    oidc_claim_scope = {"sub": "openid", "name": "profile", "preferred_username": "profile", "email": "email"}  # noqa: RUF012 -- as the parent has it

    def get_additional_claims(self, request: HttpRequest) -> dict[str, str]:
        user = request.user
        return {"sub": user.username, "name": user.get_full_name(), "preferred_username": user.username, "email": user.email}


class Hello(ProtectedResourceMetadataMixin, ScopedProtectedResourceView):
    required_scopes = ["read"]  # noqa: RUF012 -- as the parent has it

    def get(self, request: HttpRequest) -> JsonResponse:
        owner = request.resource_owner
        return JsonResponse({"hello": owner.username if owner else None})


urlpatterns = [
    path("login/", LoginView.as_view()),
    path("api/hello", Hello.as_view()),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
    path("", include((metadata_urlpatterns, "root"))),
]


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


def main() -> None:
    call_command("migrate", verbosity=0)
    alice = User.objects.create_user("alice", "alice@example.test", "alice-pass", first_name="Alice", last_name="Doe")
    for client_id, kind, grant in CLIENTS:
        Application.objects.create(
            client_id=client_id,
            name=client_id,
            user=alice,
            client_type=kind,
            authorization_grant_type=grant,
            client_secret="dev-secret",
            redirect_uris=REDIRECT_URIS,
            post_logout_redirect_uris=REDIRECT_URIS,
            algorithm=Application.RS256_ALGORITHM,
        )
    server = make_server("127.0.0.1", PORT, get_wsgi_application(), server_class=Server)
    print(f"READY {BASE}/o", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
