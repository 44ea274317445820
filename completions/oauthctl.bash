# oauthctl: completion for bash. Made by `oauthctl completions bash`; changes are lost when it is made again.
#
# Install:
#   oauthctl completions bash > ~/.local/share/bash-completion/completions/oauthctl
#   or, without the package bash-completion, in ~/.bashrc:  source /path/to/oauthctl.bash
#
# Profile names are the files of oauthctl's configuration directory; Python is not started.

# shellcheck shell=bash disable=SC2034,SC2207
# Offers the commands below $1 that begin with $2; fails when there are none.
__oauthctl_commands() {
    case $1 in
        '')
            __oauthctl_offer "$2" \
                demo 'Watch a whole sign-in, from the first 401 to revocation' \
                login 'Sign in by the browser and keep the tokens' \
                register 'Register a client at a provider, or look after it' \
                token 'Print one access token, refreshed if need be' \
                call 'Call an API with the access token' \
                decode 'Show what is in a token. Nothing is verified' \
                verify 'Check a token: signature, issuer, audience, times' \
                discover 'Show a provider'"'"'s metadata, and what is missing' \
                userinfo 'Fetch the claims about the person' \
                introspect 'Ask the server whether a token is good' \
                refresh 'Trade the refresh token for fresh tokens' \
                revoke 'Make a token worthless, and prove that it is' \
                logout 'Revoke the tokens, end the session, forget' \
                diagnose 'Name the root cause of a failure, with evidence' \
                explain 'Explain a word of the protocol, or draw a flow' \
                serve 'Run a provider to practise with, until Ctrl-C' \
                completions 'Print a shell'"'"'s completion script' \
                profile 'List, show, choose and delete profiles' \
                trace 'Look at the exchanges that were recorded'
            ;;
        profile)
            __oauthctl_offer "$2" \
                list 'List the profiles, the current one marked' \
                show 'Show everything about a profile but its secrets' \
                use 'Make a profile the current one' \
                delete 'Delete a profile, its tokens and its client secret'
            ;;
        trace)
            __oauthctl_offer "$2" \
                list 'List the recordings, the latest first' \
                show 'Show a recording as a diagram and message by message' \
                export 'Write a recording as HTML, Mermaid, Markdown and more' \
                redact 'Make a capture safe to attach to a bug report' \
                import 'Keep a capture as a recording, without its secrets' \
                delete 'Delete recordings' \
                prune 'Delete old recordings' \
                diff 'Compare two recordings: why it works in one alone' \
                replay 'Send a recording'"'"'s requests again, compare answers'
            ;;
        *) return 1 ;;
    esac
}

__oauthctl_is_command() {
    case "$1/$2" in
        /demo|/login|/register|/token|/call|/decode|/verify|/discover|/userinfo|/introspect|/refresh|/revoke|/logout|/diagnose|/explain|/serve|/completions|/profile|/trace|profile/list|profile/show|profile/use|profile/delete|trace/list|trace/show|trace/export|trace/redact|trace/import|trace/delete|trace/prune|trace/diff|trace/replay) return 0 ;;
    esac
    return 1
}

# Offers the options of the command $1 that begin with $2.
__oauthctl_options() {
    case $1 in
        '')
            __oauthctl_offer "$2" \
                --version 'Print the version' \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        demo)
            __oauthctl_offer "$2" \
                --browser 'Sign in yourself, in your browser (default: a scripted user does)' \
                --timeout 'How long to wait for you with `--browser`' \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        login)
            __oauthctl_offer "$2" \
                --grant 'authorization_code (default), device_code, ciba; legacy: password, implicit, hybrid; auto: what is possible here' \
                --standard 'Do all as oauth2.1, fapi2, mcp or rfc8252 wants it; tell what the server lacks' \
                --client-id 'Client identifier at the provider' \
                --scope 'Scopes, space-separated or repeated' \
                -s 'Scopes, space-separated or repeated' \
                --profile 'Profile to use (default: the current one)' \
                -p 'Profile to use (default: the current one)' \
                --redirect-uri 'Exact redirect URI (default: http://127.0.0.1:PORT/callback, a free port)' \
                --client-secret-file 'File with the client secret, `-` for stdin' \
                --client-auth 'Client authentication (default: from the metadata)' \
                --client-certificate 'Client'"'"'s TLS certificate, PEM or PKCS#12, with its key or without' \
                --client-key 'Client'"'"'s private key, of assertions or the certificate: JWK, JWKS, PEM, PKCS#12' \
                --client-attestation 'Attestation of the client, a JWT (a draft: with --experimental)' \
                --client-attestation-key 'Private key that the attestation is about: JWK, PEM, PKCS#12' \
                --experimental 'Allow what is a draft that may still change' \
                --client-key-id 'The key'"'"'s id at the provider' \
                --assertion-audience 'Whom assertions are for: issuer (default), token-endpoint for older servers, or a URL' \
                --audience 'API'"'"'s logical name (Auth0 and others)' \
                --resource 'API for which the token is meant, repeatable' \
                --prompt 'none, login, consent, select_account' \
                --login-hint 'Whom to sign in' \
                --binding-message 'With the grant ciba: what both devices show' \
                --notification-endpoint 'With ciba: where on this machine the provider tells of the decision (ping)' \
                --max-age 'Oldest sign-in that will do' \
                --acr 'Way of authentication that is wanted' \
                --authorization-details 'What exactly is to be allowed (RFC 9396)' \
                --claims 'Single claims that are wanted in the ID token or from userinfo' \
                --param 'Further parameter of the request, none that has an option' \
                --token-param 'Further parameter of token requests (TikTok: client_key), repeatable' \
                --token-request 'How token requests are written: form (default), json (Notion)' \
                --response-type 'What comes by the browser, such as "code id_token" (implicit, hybrid: legacy)' \
                --response-mode 'How the answer travels; with `jwt` signed by the provider (JARM)' \
                --pkce 'PKCE method; plain and none are for provoking' \
                --dpop 'Bind the tokens to a fresh key, which is kept with them (RFC 9449)' \
                --par 'Push the request first: auto (where demanded), always, never' \
                --request-object 'Send the request in a JWT (RFC 9101): signed, encrypted, reference (fetched from here); secret, none to provoke' \
                --request-uri 'Where the server fetches it (default: http://127.0.0.1:PORT/request.jwt, a free port)' \
                --request-port 'Port on this machine to which a `--request-uri` of elsewhere leads' \
                --authorization-endpoint 'Endpoint, for providers without metadata' \
                --pushed-authorization-request-endpoint 'Endpoint, for providers without metadata' \
                --device-authorization-endpoint 'Endpoint, for providers without metadata' \
                --backchannel-authentication-endpoint 'Endpoint, for providers without metadata' \
                --token-endpoint 'Endpoint, for providers without metadata' \
                --userinfo-endpoint 'Endpoint, for providers without metadata' \
                --jwks-uri 'Endpoint, for providers without metadata' \
                --revocation-endpoint 'Endpoint, for providers without metadata' \
                --introspection-endpoint 'Endpoint, for providers without metadata' \
                --end-session-endpoint 'Endpoint, for providers without metadata' \
                --expect-issuer 'Issuer that metadata and tokens carry, where it is not TARGET' \
                --leeway 'How far clocks may differ' \
                --timeout 'How long to wait for the person' \
                --no-browser 'Only print the URL' \
                --dry-run 'Print what would be sent, and send nothing' \
                --trace 'Draw each message on stderr as it happens, secrets masked' \
                --show-secrets 'Print secrets unmasked' \
                --json 'Print one JSON document' \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        register)
            __oauthctl_offer "$2" \
                --read 'Fetch what the server has of the profile'"'"'s client' \
                --update 'Change what the other options say, and leave the rest' \
                --delete 'Take the registration back' \
                --profile 'Name of the profile to make (default: after the issuer'"'"'s host)' \
                -p 'Name of the profile to make (default: after the issuer'"'"'s host)' \
                --client-name 'Name that people see (default: oauthctl)' \
                --redirect-uri 'Where answers may go, repeatable (default: http://127.0.0.1/callback)' \
                --grant 'Grant that it may use, repeatable (default: authorization_code, refresh_token)' \
                --scope 'Scopes, space-separated or repeated' \
                -s 'Scopes, space-separated or repeated' \
                --client-auth 'How it proves itself (default: private_key_jwt with a key, else none, or a secret)' \
                --client-key 'Client'"'"'s private key, of assertions or the certificate: JWK, JWKS, PEM, PKCS#12' \
                --application-type 'native or web (default: by redirect URI)' \
                --metadata 'JSON object with further members of client metadata, `-` for stdin' \
                --initial-access-token-file 'File with the token that the server wants first' \
                --registration-endpoint 'Endpoint, for providers without metadata' \
                --yes 'With --delete: don'"'"'t ask' \
                -y 'With --delete: don'"'"'t ask' \
                --timeout 'How long a server may take to answer' \
                --dry-run 'Print what would be sent, and send nothing' \
                --trace 'Draw each message on stderr as it happens, secrets masked' \
                --show-secrets 'Print secrets unmasked' \
                --json 'Print one JSON document' \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        token)
            __oauthctl_offer "$2" \
                --profile 'Profile to use (default: the current one)' \
                -p 'Profile to use (default: the current one)' \
                --min-ttl 'Refresh when less than this is left' \
                --format 'bare, header, json or env' \
                --grant 'client_credentials, token_exchange, jwt_bearer, saml2_bearer or auto; see above' \
                --standard 'Ask as oauth2.1, fapi2 or mcp wants it, with --grant' \
                --scope 'Scopes, space-separated or repeated' \
                -s 'Scopes, space-separated or repeated' \
                --audience 'API'"'"'s logical name, with --grant; repeatable for token_exchange' \
                --resource 'API for which the token is meant, repeatable' \
                --authorization-details 'What exactly is to be allowed (RFC 9396)' \
                --subject-token-source 'Where it is: env, file, profile, github-actions, gcp, azure, aws, kubernetes' \
                --subject-token-file 'File with the token that is traded, - for stdin' \
                --subject-token-env 'Variable that holds it (default: OAUTHCTL_SUBJECT_TOKEN)' \
                --subject-token-profile 'Profile that holds it' \
                --subject-token-type 'Of what type it is: access_token, id_token, jwt …' \
                --subject-token-audience 'Whom a token of CI or cloud is to be for (default: the issuer)' \
                --actor-token-source 'Where it is: env, file, profile, github-actions, gcp, azure, aws, kubernetes' \
                --actor-token-file 'File with the token of the one who acts, - for stdin' \
                --actor-token-env 'Variable that holds it (default: OAUTHCTL_ACTOR_TOKEN)' \
                --actor-token-profile 'Profile that holds it' \
                --actor-token-type 'Of what type it is: access_token, id_token, jwt …' \
                --requested-token-type 'Type of token that is wanted; the same names, and id-jag' \
                --assertion-file 'Assertion that is traded, - for stdin (or in OAUTHCTL_ASSERTION)' \
                --assertion-from 'Profile whose server makes it for the sign-in there' \
                --assertion-issuer '`iss` of an assertion of one'"'"'s own (default: the client)' \
                --assertion-subject '`sub` of it (default: its issuer)' \
                --assertion-claim 'Further claim of it, NAME:=JSON too; repeatable' \
                --assertion-audience 'Whom assertions are for: issuer (default), token-endpoint for older servers, or a URL' \
                --client-certificate 'Client'"'"'s TLS certificate, PEM or PKCS#12, with its key or without' \
                --client-key 'Client'"'"'s private key, of assertions or the certificate: JWK, JWKS, PEM, PKCS#12' \
                --client-attestation 'Attestation of the client, a JWT (a draft: with --experimental)' \
                --client-attestation-key 'Private key that the attestation is about: JWK, PEM, PKCS#12' \
                --experimental 'Allow what is a draft that may still change' \
                --client-key-id 'The key'"'"'s id at the provider' \
                --dpop 'Bind the tokens to a fresh key, which is kept with them (RFC 9449)' \
                --timeout 'How long a server may take to answer' \
                --trace 'Draw each message on stderr as it happens, secrets masked' \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        call)
            __oauthctl_offer "$2" \
                --header 'Header, repeatable' \
                -H 'Header, repeatable' \
                --data 'Body: text, `@FILE`, or `@-` for stdin' \
                -d 'Body: text, `@FILE`, or `@-` for stdin' \
                --json 'JSON body, sent as application/json' \
                --output 'Where the answer'"'"'s body goes, be it an error'"'"'s' \
                -o 'Where the answer'"'"'s body goes, be it an error'"'"'s' \
                --include 'Print status and headers before the body' \
                -i 'Print status and headers before the body' \
                --step-up 'Sign in again when the API wants a stronger or fresher sign-in: ask, auto, never' \
                --profile 'Profile to use (default: the current one)' \
                -p 'Profile to use (default: the current one)' \
                --timeout 'How long the API may take' \
                --dpop 'Bind the tokens to a fresh key, which is kept with them (RFC 9449)' \
                --dry-run 'Print what would be sent, and send nothing' \
                --trace 'Draw each message on stderr as it happens, secrets masked' \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        decode)
            __oauthctl_offer "$2" \
                --diff 'Compare two tokens; exit code 1: they differ' \
                --key 'Private key that opens what is encrypted: JWK, JWKS or PEM' \
                --at 'Look at it as of then: 2026-01-31T12:00:00Z, 2026-01-31 or 1767225600 (default: now)' \
                --json 'Print one JSON document' \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        verify)
            __oauthctl_offer "$2" \
                --issuer 'Who must have made the token (default: OAUTHCTL_ISSUER); its keys are fetched' \
                --profile 'Profile that names issuer and client (default: OAUTHCTL_PROFILE)' \
                -p 'Profile that names issuer and client (default: OAUTHCTL_PROFILE)' \
                --jwks 'The issuer'"'"'s key set, instead of looking for it' \
                --key 'Key: JWK, PEM, or a raw shared secret' \
                --secret-env 'Environment variable with a shared secret' \
                --audience 'For whom the token must be; of an ID token the client' \
                --alg 'Algorithm that is allowed (default: what the keys fit)' \
                --type 'id, access or jwt (default: by its looks)' \
                --nonce 'Nonce that the request sent' \
                --leeway 'How far clocks may differ' \
                --at 'Look at it as of then: 2026-01-31T12:00:00Z, 2026-01-31 or 1767225600 (default: now)' \
                --timeout 'How long a server may take to answer' \
                --trace 'Draw each message on stderr as it happens, secrets masked' \
                --json 'Print one JSON document' \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        discover)
            __oauthctl_offer "$2" \
                --diff 'Compare two servers, or one with saved metadata (a file, a recording); exit 1: they differ' \
                --expect-issuer 'Issuer that the metadata carries, where it is not TARGET' \
                --standard 'Tell only how it meets oauth2.1, fapi2, mcp or rfc8252; exit 1: it lacks something' \
                --timeout 'How long a server may take to answer' \
                --trace 'Draw each message on stderr as it happens, secrets masked' \
                --json 'Print one JSON document' \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        userinfo)
            __oauthctl_offer "$2" \
                --profile 'Profile to use (default: the current one)' \
                -p 'Profile to use (default: the current one)' \
                --timeout 'How long a server may take to answer' \
                --trace 'Draw each message on stderr as it happens, secrets masked' \
                --json 'Print one JSON document' \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        introspect)
            __oauthctl_offer "$2" \
                --refresh-token 'The profile'"'"'s refresh token, not its access token' \
                --hint 'What the server should look for first: access_token or refresh_token' \
                --any-issuer 'Ask also about a token that names another issuer' \
                --signed 'Ask for a signed answer, and believe no other (RFC 9701)' \
                --profile 'Profile to use (default: the current one)' \
                -p 'Profile to use (default: the current one)' \
                --timeout 'How long a server may take to answer' \
                --trace 'Draw each message on stderr as it happens, secrets masked' \
                --json 'Print one JSON document' \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        refresh)
            __oauthctl_offer "$2" \
                --profile 'Profile to use (default: the current one)' \
                -p 'Profile to use (default: the current one)' \
                --scope 'Fewer scopes than were granted' \
                -s 'Fewer scopes than were granted' \
                --resource 'One API of those that were granted; repeatable' \
                --timeout 'How long a server may take to answer' \
                --trace 'Draw each message on stderr as it happens, secrets masked' \
                --show-secrets 'Print secrets unmasked' \
                --json 'Print one JSON document' \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        revoke)
            __oauthctl_offer "$2" \
                --access-token 'The profile'"'"'s access token' \
                --refresh-token 'The profile'"'"'s refresh token, and what hangs on it' \
                --hint 'What the server should look for first: access_token or refresh_token' \
                --any-issuer 'Revoke also a token that names another issuer' \
                --profile 'Profile to use (default: the current one)' \
                -p 'Profile to use (default: the current one)' \
                --timeout 'How long a server may take to answer' \
                --trace 'Draw each message on stderr as it happens, secrets masked' \
                --json 'Print one JSON document' \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        logout)
            __oauthctl_offer "$2" \
                --profile 'Profile to use (default: the current one)' \
                -p 'Profile to use (default: the current one)' \
                --no-browser 'Only print the URL that ends the session' \
                --timeout 'How long a server may take to answer' \
                --trace 'Draw each message on stderr as it happens, secrets masked' \
                --show-secrets 'Print secrets unmasked' \
                --json 'Print one JSON document' \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        diagnose)
            __oauthctl_offer "$2" \
                --format 'text, json, sarif or markdown' \
                --json 'Print one JSON document' \
                --fail-on 'Exit 1 from there on: error or warning' \
                --rule 'Apply this rule alone; can be repeated' \
                --ignore 'Leave this rule out; can be repeated' \
                --at 'Look at it as of then (default: the recording'"'"'s own time)' \
                --jwks 'Check signatures with these keys' \
                --issuer 'The issuer that the client expects' \
                --audience 'An audience that the API goes by' \
                --alg 'An algorithm that is accepted; can be repeated' \
                --given 'JSON: what is known of the client and its registration' \
                --timeout 'How long a server may take to answer' \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        explain)
            __oauthctl_offer "$2" \
                --json 'Print one JSON document' \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        serve)
            __oauthctl_offer "$2" \
                --config 'Take from this TOML file what is not said here; see above' \
                --print-config 'Print all of that as TOML for --config, and end' \
                --port 'Port to listen on (default: a free one)' \
                --host 'Host or address to listen on' \
                --issuer 'Issuer to speak as, to the letter, behind a proxy, or with a path (`/one`); repeatable' \
                --token-seconds 'How long access tokens are good for' \
                --refresh-grace 'How long a used refresh token may come again' \
                --key-seconds 'How long a key signs; 0 for ever' \
                --client 'Further client, repeatable; see above' \
                --user 'Further user, repeatable; see above' \
                --legacy 'Speak legacy grants, too: password, implicit, hybrid' \
                --experimental 'Speak a draft, too: client attestation, by --trust-attester' \
                --opaque-tokens 'Give access tokens that say nothing, instead of JWTs' \
                --trust 'Take assertions of this issuer, by its keys; repeatable' \
                --trust-attester 'Let it vouch for clients, by its keys; repeatable; --experimental' \
                --local-client 'Fetch documents of clients at this origin of this machine, too; repeatable' \
                --tls 'Speak https, by a CA that is made once and kept in DIR; trust DIR/ca.pem' \
                --mtls 'See TLS certificates, too; fresh ones for clients are written to DIR' \
                --state 'Keep clients, users, codes, tokens and keys in FILE over restarts' \
                --persona 'Wear a known provider'"'"'s quirks: github, google, entra-v2, slack …' \
                --fault 'Misbehave so, SLUG[:after=N,times=N,rate=R,client=ID]; repeatable' \
                --scenario 'Answer by this script, judge the client by it and end; see above' \
                --junit 'Write the scenario'"'"'s verdicts as JUnit XML' \
                --scenario-timeout 'How long to wait for the client'"'"'s next request' \
                --list-faults 'List the faults and end' \
                --list-scenarios 'List the scenarios that are here and end' \
                --list-personas 'List the personas with their quirks and end' \
                --json 'Print one JSON document' \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        completions)
            __oauthctl_offer "$2" \
                --write 'Write the scripts of all shells into this folder' \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        profile)
            __oauthctl_offer "$2" \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        'profile list')
            __oauthctl_offer "$2" \
                --at 'Look at it as of then: 2026-01-31T12:00:00Z, 2026-01-31 or 1767225600 (default: now)' \
                --json 'Print one JSON document' \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        'profile show')
            __oauthctl_offer "$2" \
                --at 'Look at it as of then: 2026-01-31T12:00:00Z, 2026-01-31 or 1767225600 (default: now)' \
                --json 'Print one JSON document' \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        'profile use')
            __oauthctl_offer "$2" \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        'profile delete')
            __oauthctl_offer "$2" \
                --yes 'Don'"'"'t ask' \
                -y 'Don'"'"'t ask' \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        trace)
            __oauthctl_offer "$2" \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        'trace list')
            __oauthctl_offer "$2" \
                --json 'Print one JSON document' \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        'trace show')
            __oauthctl_offer "$2" \
                --exchange 'Show this exchange alone (default: all)' \
                -x 'Show this exchange alone (default: all)' \
                --json 'Print one JSON document' \
                --show-secrets 'Print secrets unmasked' \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        'trace export')
            __oauthctl_offer "$2" \
                --format 'html, mermaid, markdown, json, har or curl (default: by the file'"'"'s ending)' \
                --output 'Write it there; `-` is stdout' \
                -o 'Write it there; `-` is stdout' \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        'trace redact')
            __oauthctl_offer "$2" \
                --output 'Write it there; `-` is stdout' \
                -o 'Write it there; `-` is stdout' \
                --keep-claims 'Keep what JWTs and userinfo say of people, or put a word for its type in each value'"'"'s place' \
                --drop-claims 'Keep what JWTs and userinfo say of people, or put a word for its type in each value'"'"'s place' \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        'trace import')
            __oauthctl_offer "$2" \
                --name 'Call it this; goes where an id goes' \
                -n 'Call it this; goes where an id goes' \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        'trace delete')
            __oauthctl_offer "$2" \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        'trace prune')
            __oauthctl_offer "$2" \
                --keep 'Spare the newest N' \
                --older-than 'Spare what is younger' \
                --dry-run 'Print what would be deleted, and delete nothing' \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        'trace diff')
            __oauthctl_offer "$2" \
                --json 'Print one JSON document' \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
        'trace replay')
            __oauthctl_offer "$2" \
                --host 'Send to this host, too (default: this machine alone); can be repeated' \
                --unsafe 'Repeat API calls that may change something, too (POST, DELETE …)' \
                --profile 'Profile to use (default: the current one)' \
                -p 'Profile to use (default: the current one)' \
                --dry-run 'Print what would be sent, and send nothing' \
                --timeout 'How long a server may take to answer' \
                --trace 'Draw each message on stderr as it happens, secrets masked' \
                --json 'Print one JSON document' \
                --color 'When to use colour' \
                --quiet 'Print no talk, only data, warnings and errors' \
                --verbose 'Print more talk' \
                --no-input 'Never ask' \
                --help 'Show the help' \
                -h 'Show the help'
            ;;
    esac
}

# Sets `kind` and `choices` for the value of the option $2 of the command $1; fails when it takes none.
__oauthctl_value() {
    case "$1/$2" in
        /--color | demo/--color | login/--par | login/--color | register/--color | token/--color | call/--color | decode/--color | verify/--color | discover/--color | userinfo/--color | introspect/--color | refresh/--color | revoke/--color | logout/--color | diagnose/--color | explain/--color | serve/--color | completions/--color | profile/--color | 'profile list/--color' | 'profile show/--color' | 'profile use/--color' | 'profile delete/--color' | trace/--color | 'trace list/--color' | 'trace show/--color' | 'trace export/--color' | 'trace redact/--color' | 'trace import/--color' | 'trace delete/--color' | 'trace prune/--color' | 'trace diff/--color' | 'trace replay/--color')
            kind=choices choices='auto always never'
            ;;
        demo/--timeout | login/--client-id | login/--scope | login/-s | login/--redirect-uri | login/--client-key-id | login/--assertion-audience | login/--audience | login/--resource | login/--prompt | login/--login-hint | login/--binding-message | login/--notification-endpoint | login/--max-age | login/--acr | login/--param | login/--token-param | login/--response-type | login/--request-uri | login/--request-port | login/--authorization-endpoint | login/--pushed-authorization-request-endpoint | login/--device-authorization-endpoint | login/--backchannel-authentication-endpoint | login/--token-endpoint | login/--userinfo-endpoint | login/--jwks-uri | login/--revocation-endpoint | login/--introspection-endpoint | login/--end-session-endpoint | login/--expect-issuer | login/--leeway | login/--timeout | register/--profile | register/-p | register/--client-name | register/--redirect-uri | register/--grant | register/--scope | register/-s | register/--registration-endpoint | register/--timeout | token/--min-ttl | token/--scope | token/-s | token/--audience | token/--resource | token/--subject-token-env | token/--subject-token-type | token/--subject-token-audience | token/--actor-token-env | token/--actor-token-type | token/--requested-token-type | token/--assertion-issuer | token/--assertion-subject | token/--assertion-claim | token/--assertion-audience | token/--client-key-id | token/--timeout | call/--header | call/-H | call/--timeout | decode/--at | verify/--issuer | verify/--secret-env | verify/--audience | verify/--alg | verify/--nonce | verify/--leeway | verify/--at | verify/--timeout | discover/--expect-issuer | discover/--timeout | userinfo/--timeout | introspect/--timeout | refresh/--scope | refresh/-s | refresh/--resource | refresh/--timeout | revoke/--timeout | logout/--timeout | diagnose/--format | diagnose/--fail-on | diagnose/--rule | diagnose/--ignore | diagnose/--at | diagnose/--issuer | diagnose/--audience | diagnose/--alg | diagnose/--timeout | serve/--port | serve/--host | serve/--issuer | serve/--token-seconds | serve/--refresh-grace | serve/--key-seconds | serve/--client | serve/--user | serve/--trust | serve/--trust-attester | serve/--local-client | serve/--fault | serve/--scenario-timeout | 'profile list/--at' | 'profile show/--at' | 'trace show/--exchange' | 'trace show/-x' | 'trace export/--format' | 'trace import/--name' | 'trace import/-n' | 'trace prune/--keep' | 'trace prune/--older-than' | 'trace replay/--host' | 'trace replay/--timeout')
            kind=text
            ;;
        login/--grant)
            kind=choices choices='authorization_code device_code ciba password implicit hybrid auto'
            ;;
        login/--standard | token/--standard | discover/--standard)
            kind=choices choices='oauth2.1 fapi2 mcp rfc8252'
            ;;
        login/--profile | login/-p | token/--profile | token/-p | token/--subject-token-profile | token/--actor-token-profile | token/--assertion-from | call/--profile | call/-p | verify/--profile | verify/-p | userinfo/--profile | userinfo/-p | introspect/--profile | introspect/-p | refresh/--profile | refresh/-p | revoke/--profile | revoke/-p | logout/--profile | logout/-p | 'trace replay/--profile' | 'trace replay/-p')
            kind=profile
            ;;
        login/--client-secret-file | login/--client-certificate | login/--client-key | login/--client-attestation | login/--client-attestation-key | register/--client-key | register/--metadata | register/--initial-access-token-file | token/--subject-token-file | token/--actor-token-file | token/--assertion-file | token/--client-certificate | token/--client-key | token/--client-attestation | token/--client-attestation-key | call/--output | call/-o | decode/--key | verify/--jwks | verify/--key | diagnose/--jwks | diagnose/--given | serve/--config | serve/--state | serve/--scenario | serve/--junit | 'trace export/--output' | 'trace export/-o' | 'trace redact/--output' | 'trace redact/-o')
            kind=file
            ;;
        login/--client-auth)
            kind=choices choices='none client_secret_basic client_secret_post client_secret_jwt private_key_jwt tls_client_auth self_signed_tls_client_auth'
            ;;
        login/--authorization-details | login/--claims | token/--authorization-details | call/--data | call/-d | call/--json)
            kind=at-file
            ;;
        login/--token-request)
            kind=choices choices='form json'
            ;;
        login/--response-mode)
            kind=choices choices='query form_post fragment query.jwt form_post.jwt fragment.jwt jwt'
            ;;
        login/--pkce)
            kind=choices choices='S256 plain none'
            ;;
        login/--request-object)
            kind=choices choices='signed encrypted reference secret none'
            ;;
        register/--client-auth)
            kind=choices choices='none client_secret_basic client_secret_post client_secret_jwt private_key_jwt'
            ;;
        register/--application-type)
            kind=choices choices='native web'
            ;;
        token/--format)
            kind=choices choices='bare header json env'
            ;;
        token/--grant)
            kind=choices choices='client_credentials token_exchange jwt_bearer saml2_bearer auto'
            ;;
        token/--subject-token-source | token/--actor-token-source)
            kind=choices choices='env file profile github-actions gcp azure aws kubernetes'
            ;;
        call/--step-up)
            kind=choices choices='ask auto never'
            ;;
        verify/--type)
            kind=choices choices='id access jwt'
            ;;
        introspect/--hint | revoke/--hint)
            kind=choices choices='access_token refresh_token'
            ;;
        serve/--tls | serve/--mtls | completions/--write)
            kind=directory
            ;;
        serve/--persona)
            kind=choices choices='generic github google entra-v2 entra-v1 slack slack-openid okta auth0 keycloak cognito gitlab discord linkedin facebook x apple salesforce atlassian notion tiktok ilert'
            ;;
        *) return 1 ;;
    esac
}

# Sets `kind` and `choices` for the argument at position $2 of the command $1; fails when it takes none.
__oauthctl_argument() {
    case "$1/$2" in
        login/0 | register/0 | discover/0 | discover/1 | 'profile show/0' | 'profile use/0' | 'profile delete/0')
            kind=profile
            ;;
        call/* | diagnose/0 | 'trace delete/'* | 'trace diff/0' | 'trace diff/1')
            kind=text
            ;;
        decode/0 | decode/1 | verify/0 | introspect/0 | revoke/0)
            kind=at-file
            ;;
        explain/*)
            kind=choices choices='code-flow pushed-flow signed-request-flow encrypted-request-flow referenced-request-flow signed-answer-flow encrypted-answer-flow encrypted-id-token-flow posted-answer-flow detailed-flow resource-flow claims-flow recent-sign-in-flow dpop-flow mtls-flow assertion-client-flow secret-assertion-flow attested-client-flow implicit-flow hybrid-flow device-flow ciba-flow ciba-ping-flow password-flow refresh-flow client-credentials-flow token-exchange-flow jwt-bearer-flow id-jag-flow saml2-bearer-flow discovery-flow registration-flow api-discovery-flow keys-flow api-flow step-up-flow userinfo-flow introspection-flow signed-introspection-flow revocation-flow logout-flow flows rules'
            ;;
        completions/0)
            kind=choices choices='bash zsh fish powershell'
            ;;
        'trace show/0' | 'trace export/0' | 'trace redact/0' | 'trace import/0' | 'trace replay/0')
            kind=file
            ;;
        *) return 1 ;;
    esac
}

# Sets `path` (the command), `position` (of the argument that is typed), `option` (whose value is typed) from the words before the cursor.
__oauthctl_place() {
    local at=1 word bare=''
    path='' position=0 option=''
    while ((at < COMP_CWORD)); do
        word=${COMP_WORDS[at]}
        if [[ -z $bare && $word == -- ]]; then
            bare=yes
        elif [[ $word == '=' || $word == ':' ]]; then
            # bash takes `k=v` and URLs apart: what follows belongs to the word before.
            ((at++))
        elif [[ -z $bare && $word == -?* ]]; then
            if [[ ${COMP_WORDS[at + 1]} == '=' ]]; then
                ((at += 2))
                ((at >= COMP_CWORD)) && option=$word
            elif [[ $word != *=* ]] && __oauthctl_value "$path" "$word"; then
                ((at++))
                ((at >= COMP_CWORD)) && option=$word
            fi
        elif ((position == 0)) && __oauthctl_is_command "$path" "$word"; then
            path=${path:+$path }$word
        else
            ((position++))
        fi
        ((at++))
    done
}

# Adds profile names that begin with $1.
__oauthctl_profiles() {
    local directory file name
    if [[ -n $OAUTHCTL_CONFIG_DIR ]]; then
        directory=$OAUTHCTL_CONFIG_DIR
    elif [[ -n $XDG_CONFIG_HOME ]]; then
        directory=$XDG_CONFIG_HOME/oauthctl
    elif [[ $OSTYPE == darwin* ]]; then
        directory="$HOME/Library/Application Support/oauthctl"
    elif [[ -n $LOCALAPPDATA && ($OSTYPE == msys* || $OSTYPE == cygwin*) ]]; then
        directory=$LOCALAPPDATA/oauthctl
    else
        directory=$HOME/.config/oauthctl
    fi
    for file in "$directory"/profiles/*.toml; do
        name=${file##*/}
        name=${name%.toml}
        [[ -f $file && $name == "$1"* ]] && COMPREPLY+=("$(printf '%q' "$name")")
    done
}

# Adds what fits $1 for the value that `kind` and `choices` describe.
__oauthctl_fill() {
    local found
    case $kind in
        choices)
            for found in $choices; do
                [[ $found == "$1"* ]] && COMPREPLY+=("$found")
            done
            ;;
        profile) __oauthctl_profiles "$1" ;;
        file | directory | at-file)
            local prefix='' what=-f
            [[ $kind == directory ]] && what=-d
            if [[ $kind == at-file ]]; then
                [[ $1 == @* ]] || return
                prefix=@
            fi
            while IFS= read -r found; do
                COMPREPLY+=("$prefix$found")
            done < <(compgen $what -- "${1#"$prefix"}")
            # Slashes after directories and escaped spaces; bash 3.2 goes without.
            compopt -o filenames 2>/dev/null
            ;;
    esac
}

# Adds names that begin with $1 out of the pairs of name and description that follow; a listing shows the descriptions too.
__oauthctl_offer() {
    local begin=$1 width=0 at found
    local -a names=() helps=()
    shift
    while (($#)); do
        if [[ $1 == "$begin"* ]]; then
            names+=("$1")
            helps+=("$2")
            ((${#1} > width)) && width=${#1}
        fi
        shift 2
    done
    # 63 is `?`: the list after a second TAB. Nothing of it is put into the command line.
    if [[ $COMP_TYPE == 63 ]] && ((${#names[@]} > 1)); then
        compopt -o nosort 2>/dev/null
        for ((at = 0; at < ${#names[@]}; at++)); do
            found=$(printf '%-*s  %s' "$width" "${names[at]}" "${helps[at]}")
            COMPREPLY+=("${found:0:$((${COLUMNS:-80} - 2))}")
        done
    else
        COMPREPLY+=("${names[@]}")
    fi
}

_oauthctl() {
    local current=${COMP_WORDS[COMP_CWORD]} path position option kind='' choices='' prefix=''
    COMPREPLY=()
    [[ $current == '=' || $current == ':' ]] && current=''
    __oauthctl_place
    if [[ -z $option && $current == --*=* ]]; then
        option=${current%%=*} prefix=${current%%=*}= current=${current#*=}
    fi
    if [[ -n $option ]]; then
        __oauthctl_value "$path" "$option" && __oauthctl_fill "$current"
        [[ -n $prefix ]] && COMPREPLY=("${COMPREPLY[@]/#/$prefix}")
    elif [[ $current == -* ]]; then
        __oauthctl_options "$path" "$current"
    elif ((position == 0)) && __oauthctl_commands "$path" "$current"; then
        return
    elif __oauthctl_argument "$path" "$position"; then
        __oauthctl_fill "$current"
    fi
}

complete -F _oauthctl oauthctl
