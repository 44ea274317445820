# oauthctl: completion for PowerShell. Made by `oauthctl completions powershell`; changes are lost when it is made again.
#
# Install:
#   oauthctl completions powershell >> $PROFILE
#   or keep it in a file of its own, and in $PROFILE:  . /path/to/oauthctl.ps1
#
# Profile names are the files of oauthctl's configuration directory; Python is not started.

Register-ArgumentCompleter -Native -CommandName 'oauthctl' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commands = New-Object System.Collections.Hashtable
    $options = New-Object System.Collections.Hashtable
    $values = New-Object System.Collections.Hashtable
    $arguments = New-Object System.Collections.Hashtable
    $commands[''] = New-Object System.Collections.Specialized.OrderedDictionary
    $commands[''].Add('demo', 'Watch a whole sign-in, from the first 401 to revocation')
    $commands[''].Add('login', 'Sign in by the browser and keep the tokens')
    $commands[''].Add('register', 'Register a client at a provider, or look after it')
    $commands[''].Add('token', 'Print one access token, refreshed if need be')
    $commands[''].Add('call', 'Call an API with the access token')
    $commands[''].Add('decode', 'Show what is in a token. Nothing is verified')
    $commands[''].Add('verify', 'Check a token: signature, issuer, audience, times')
    $commands[''].Add('discover', 'Show a provider''s metadata, and what is missing')
    $commands[''].Add('userinfo', 'Fetch the claims about the person')
    $commands[''].Add('introspect', 'Ask the server whether a token is good')
    $commands[''].Add('refresh', 'Trade the refresh token for fresh tokens')
    $commands[''].Add('revoke', 'Make a token worthless, and prove that it is')
    $commands[''].Add('logout', 'Revoke the tokens, end the session, forget')
    $commands[''].Add('diagnose', 'Name the root cause of a failure, with evidence')
    $commands[''].Add('explain', 'Explain a word of the protocol, or draw a flow')
    $commands[''].Add('serve', 'Run a provider to practise with, until Ctrl-C')
    $commands[''].Add('completions', 'Print a shell''s completion script')
    $commands[''].Add('profile', 'List, show, choose and delete profiles')
    $commands[''].Add('trace', 'Look at the exchanges that were recorded')
    $options[''] = New-Object System.Collections.Specialized.OrderedDictionary
    $options[''].Add('--version', 'Print the version')
    $options[''].Add('--color', 'When to use colour')
    $options[''].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options[''].Add('--verbose', 'Print more talk')
    $options[''].Add('--no-input', 'Never ask')
    $options[''].Add('--help', 'Show the help')
    $options[''].Add('-h', 'Show the help')
    $values['/--color'] = 'choices auto always never'
    $options['demo'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['demo'].Add('--browser', 'Sign in yourself, in your browser (default: a scripted user does)')
    $options['demo'].Add('--timeout', 'How long to wait for you with `--browser`')
    $options['demo'].Add('--color', 'When to use colour')
    $options['demo'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['demo'].Add('--verbose', 'Print more talk')
    $options['demo'].Add('--no-input', 'Never ask')
    $options['demo'].Add('--help', 'Show the help')
    $options['demo'].Add('-h', 'Show the help')
    $values['demo/--timeout'] = 'text'
    $values['demo/--color'] = 'choices auto always never'
    $options['login'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['login'].Add('--grant', 'authorization_code (default), device_code, ciba; legacy: password, implicit, hybrid; auto: what is possible here')
    $options['login'].Add('--standard', 'Do all as oauth2.1, fapi2, mcp or rfc8252 wants it; tell what the server lacks')
    $options['login'].Add('--client-id', 'Client identifier at the provider')
    $options['login'].Add('--scope', 'Scopes, space-separated or repeated')
    $options['login'].Add('-s', 'Scopes, space-separated or repeated')
    $options['login'].Add('--profile', 'Profile to use (default: the current one)')
    $options['login'].Add('-p', 'Profile to use (default: the current one)')
    $options['login'].Add('--redirect-uri', 'Exact redirect URI (default: http://127.0.0.1:PORT/callback, a free port)')
    $options['login'].Add('--client-secret-file', 'File with the client secret, `-` for stdin')
    $options['login'].Add('--client-auth', 'Client authentication (default: from the metadata)')
    $options['login'].Add('--client-certificate', 'Client''s TLS certificate, PEM or PKCS#12, with its key or without')
    $options['login'].Add('--client-key', 'Client''s private key, of assertions or the certificate: JWK, JWKS, PEM, PKCS#12')
    $options['login'].Add('--client-attestation', 'Attestation of the client, a JWT (a draft: with --experimental)')
    $options['login'].Add('--client-attestation-key', 'Private key that the attestation is about: JWK, PEM, PKCS#12')
    $options['login'].Add('--experimental', 'Allow what is a draft that may still change')
    $options['login'].Add('--client-key-id', 'The key''s id at the provider')
    $options['login'].Add('--assertion-audience', 'Whom assertions are for: issuer (default), token-endpoint for older servers, or a URL')
    $options['login'].Add('--audience', 'API''s logical name (Auth0 and others)')
    $options['login'].Add('--resource', 'API for which the token is meant, repeatable')
    $options['login'].Add('--prompt', 'none, login, consent, select_account')
    $options['login'].Add('--login-hint', 'Whom to sign in')
    $options['login'].Add('--binding-message', 'With the grant ciba: what both devices show')
    $options['login'].Add('--notification-endpoint', 'With ciba: where on this machine the provider tells of the decision (ping)')
    $options['login'].Add('--max-age', 'Oldest sign-in that will do')
    $options['login'].Add('--acr', 'Way of authentication that is wanted')
    $options['login'].Add('--authorization-details', 'What exactly is to be allowed (RFC 9396)')
    $options['login'].Add('--claims', 'Single claims that are wanted in the ID token or from userinfo')
    $options['login'].Add('--param', 'Further parameter of the request, none that has an option')
    $options['login'].Add('--token-param', 'Further parameter of token requests (TikTok: client_key), repeatable')
    $options['login'].Add('--token-request', 'How token requests are written: form (default), json (Notion)')
    $options['login'].Add('--response-type', 'What comes by the browser, such as "code id_token" (implicit, hybrid: legacy)')
    $options['login'].Add('--response-mode', 'How the answer travels; with `jwt` signed by the provider (JARM)')
    $options['login'].Add('--pkce', 'PKCE method; plain and none are for provoking')
    $options['login'].Add('--dpop', 'Bind the tokens to a fresh key, which is kept with them (RFC 9449)')
    $options['login'].Add('--par', 'Push the request first: auto (where demanded), always, never')
    $options['login'].Add('--request-object', 'Send the request in a JWT (RFC 9101): signed, encrypted, reference (fetched from here); secret, none to provoke')
    $options['login'].Add('--request-uri', 'Where the server fetches it (default: http://127.0.0.1:PORT/request.jwt, a free port)')
    $options['login'].Add('--request-port', 'Port on this machine to which a `--request-uri` of elsewhere leads')
    $options['login'].Add('--authorization-endpoint', 'Endpoint, for providers without metadata')
    $options['login'].Add('--pushed-authorization-request-endpoint', 'Endpoint, for providers without metadata')
    $options['login'].Add('--device-authorization-endpoint', 'Endpoint, for providers without metadata')
    $options['login'].Add('--backchannel-authentication-endpoint', 'Endpoint, for providers without metadata')
    $options['login'].Add('--token-endpoint', 'Endpoint, for providers without metadata')
    $options['login'].Add('--userinfo-endpoint', 'Endpoint, for providers without metadata')
    $options['login'].Add('--jwks-uri', 'Endpoint, for providers without metadata')
    $options['login'].Add('--revocation-endpoint', 'Endpoint, for providers without metadata')
    $options['login'].Add('--introspection-endpoint', 'Endpoint, for providers without metadata')
    $options['login'].Add('--end-session-endpoint', 'Endpoint, for providers without metadata')
    $options['login'].Add('--expect-issuer', 'Issuer that metadata and tokens carry, where it is not TARGET')
    $options['login'].Add('--leeway', 'How far clocks may differ')
    $options['login'].Add('--timeout', 'How long to wait for the person')
    $options['login'].Add('--no-browser', 'Only print the URL')
    $options['login'].Add('--dry-run', 'Print what would be sent, and send nothing')
    $options['login'].Add('--trace', 'Draw each message on stderr as it happens, secrets masked')
    $options['login'].Add('--show-secrets', 'Print secrets unmasked')
    $options['login'].Add('--json', 'Print one JSON document')
    $options['login'].Add('--color', 'When to use colour')
    $options['login'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['login'].Add('--verbose', 'Print more talk')
    $options['login'].Add('--no-input', 'Never ask')
    $options['login'].Add('--help', 'Show the help')
    $options['login'].Add('-h', 'Show the help')
    $values['login/--grant'] = 'choices authorization_code device_code ciba password implicit hybrid auto'
    $values['login/--standard'] = 'choices oauth2.1 fapi2 mcp rfc8252'
    $values['login/--client-id'] = 'text'
    $values['login/--scope'] = 'text'
    $values['login/-s'] = 'text'
    $values['login/--profile'] = 'profile'
    $values['login/-p'] = 'profile'
    $values['login/--redirect-uri'] = 'text'
    $values['login/--client-secret-file'] = 'file'
    $values['login/--client-auth'] = 'choices none client_secret_basic client_secret_post client_secret_jwt private_key_jwt tls_client_auth self_signed_tls_client_auth'
    $values['login/--client-certificate'] = 'file'
    $values['login/--client-key'] = 'file'
    $values['login/--client-attestation'] = 'file'
    $values['login/--client-attestation-key'] = 'file'
    $values['login/--client-key-id'] = 'text'
    $values['login/--assertion-audience'] = 'text'
    $values['login/--audience'] = 'text'
    $values['login/--resource'] = 'text'
    $values['login/--prompt'] = 'text'
    $values['login/--login-hint'] = 'text'
    $values['login/--binding-message'] = 'text'
    $values['login/--notification-endpoint'] = 'text'
    $values['login/--max-age'] = 'text'
    $values['login/--acr'] = 'text'
    $values['login/--authorization-details'] = 'at-file'
    $values['login/--claims'] = 'at-file'
    $values['login/--param'] = 'text'
    $values['login/--token-param'] = 'text'
    $values['login/--token-request'] = 'choices form json'
    $values['login/--response-type'] = 'text'
    $values['login/--response-mode'] = 'choices query form_post fragment query.jwt form_post.jwt fragment.jwt jwt'
    $values['login/--pkce'] = 'choices S256 plain none'
    $values['login/--par'] = 'choices auto always never'
    $values['login/--request-object'] = 'choices signed encrypted reference secret none'
    $values['login/--request-uri'] = 'text'
    $values['login/--request-port'] = 'text'
    $values['login/--authorization-endpoint'] = 'text'
    $values['login/--pushed-authorization-request-endpoint'] = 'text'
    $values['login/--device-authorization-endpoint'] = 'text'
    $values['login/--backchannel-authentication-endpoint'] = 'text'
    $values['login/--token-endpoint'] = 'text'
    $values['login/--userinfo-endpoint'] = 'text'
    $values['login/--jwks-uri'] = 'text'
    $values['login/--revocation-endpoint'] = 'text'
    $values['login/--introspection-endpoint'] = 'text'
    $values['login/--end-session-endpoint'] = 'text'
    $values['login/--expect-issuer'] = 'text'
    $values['login/--leeway'] = 'text'
    $values['login/--timeout'] = 'text'
    $values['login/--color'] = 'choices auto always never'
    $arguments['login/0'] = 'profile'
    $options['register'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['register'].Add('--read', 'Fetch what the server has of the profile''s client')
    $options['register'].Add('--update', 'Change what the other options say, and leave the rest')
    $options['register'].Add('--delete', 'Take the registration back')
    $options['register'].Add('--profile', 'Name of the profile to make (default: after the issuer''s host)')
    $options['register'].Add('-p', 'Name of the profile to make (default: after the issuer''s host)')
    $options['register'].Add('--client-name', 'Name that people see (default: oauthctl)')
    $options['register'].Add('--redirect-uri', 'Where answers may go, repeatable (default: http://127.0.0.1/callback)')
    $options['register'].Add('--grant', 'Grant that it may use, repeatable (default: authorization_code, refresh_token)')
    $options['register'].Add('--scope', 'Scopes, space-separated or repeated')
    $options['register'].Add('-s', 'Scopes, space-separated or repeated')
    $options['register'].Add('--client-auth', 'How it proves itself (default: private_key_jwt with a key, else none, or a secret)')
    $options['register'].Add('--client-key', 'Client''s private key, of assertions or the certificate: JWK, JWKS, PEM, PKCS#12')
    $options['register'].Add('--application-type', 'native or web (default: by redirect URI)')
    $options['register'].Add('--metadata', 'JSON object with further members of client metadata, `-` for stdin')
    $options['register'].Add('--initial-access-token-file', 'File with the token that the server wants first')
    $options['register'].Add('--registration-endpoint', 'Endpoint, for providers without metadata')
    $options['register'].Add('--yes', 'With --delete: don''t ask')
    $options['register'].Add('-y', 'With --delete: don''t ask')
    $options['register'].Add('--timeout', 'How long a server may take to answer')
    $options['register'].Add('--dry-run', 'Print what would be sent, and send nothing')
    $options['register'].Add('--trace', 'Draw each message on stderr as it happens, secrets masked')
    $options['register'].Add('--show-secrets', 'Print secrets unmasked')
    $options['register'].Add('--json', 'Print one JSON document')
    $options['register'].Add('--color', 'When to use colour')
    $options['register'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['register'].Add('--verbose', 'Print more talk')
    $options['register'].Add('--no-input', 'Never ask')
    $options['register'].Add('--help', 'Show the help')
    $options['register'].Add('-h', 'Show the help')
    $values['register/--profile'] = 'text'
    $values['register/-p'] = 'text'
    $values['register/--client-name'] = 'text'
    $values['register/--redirect-uri'] = 'text'
    $values['register/--grant'] = 'text'
    $values['register/--scope'] = 'text'
    $values['register/-s'] = 'text'
    $values['register/--client-auth'] = 'choices none client_secret_basic client_secret_post client_secret_jwt private_key_jwt'
    $values['register/--client-key'] = 'file'
    $values['register/--application-type'] = 'choices native web'
    $values['register/--metadata'] = 'file'
    $values['register/--initial-access-token-file'] = 'file'
    $values['register/--registration-endpoint'] = 'text'
    $values['register/--timeout'] = 'text'
    $values['register/--color'] = 'choices auto always never'
    $arguments['register/0'] = 'profile'
    $options['token'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['token'].Add('--profile', 'Profile to use (default: the current one)')
    $options['token'].Add('-p', 'Profile to use (default: the current one)')
    $options['token'].Add('--min-ttl', 'Refresh when less than this is left')
    $options['token'].Add('--format', 'bare, header, json or env')
    $options['token'].Add('--grant', 'client_credentials, token_exchange, jwt_bearer, saml2_bearer or auto; see above')
    $options['token'].Add('--standard', 'Ask as oauth2.1, fapi2 or mcp wants it, with --grant')
    $options['token'].Add('--scope', 'Scopes, space-separated or repeated')
    $options['token'].Add('-s', 'Scopes, space-separated or repeated')
    $options['token'].Add('--audience', 'API''s logical name, with --grant; repeatable for token_exchange')
    $options['token'].Add('--resource', 'API for which the token is meant, repeatable')
    $options['token'].Add('--authorization-details', 'What exactly is to be allowed (RFC 9396)')
    $options['token'].Add('--subject-token-source', 'Where it is: env, file, profile, github-actions, gcp, azure, aws, kubernetes')
    $options['token'].Add('--subject-token-file', 'File with the token that is traded, - for stdin')
    $options['token'].Add('--subject-token-env', 'Variable that holds it (default: OAUTHCTL_SUBJECT_TOKEN)')
    $options['token'].Add('--subject-token-profile', 'Profile that holds it')
    $options['token'].Add('--subject-token-type', 'Of what type it is: access_token, id_token, jwt …')
    $options['token'].Add('--subject-token-audience', 'Whom a token of CI or cloud is to be for (default: the issuer)')
    $options['token'].Add('--actor-token-source', 'Where it is: env, file, profile, github-actions, gcp, azure, aws, kubernetes')
    $options['token'].Add('--actor-token-file', 'File with the token of the one who acts, - for stdin')
    $options['token'].Add('--actor-token-env', 'Variable that holds it (default: OAUTHCTL_ACTOR_TOKEN)')
    $options['token'].Add('--actor-token-profile', 'Profile that holds it')
    $options['token'].Add('--actor-token-type', 'Of what type it is: access_token, id_token, jwt …')
    $options['token'].Add('--requested-token-type', 'Type of token that is wanted; the same names, and id-jag')
    $options['token'].Add('--assertion-file', 'Assertion that is traded, - for stdin (or in OAUTHCTL_ASSERTION)')
    $options['token'].Add('--assertion-from', 'Profile whose server makes it for the sign-in there')
    $options['token'].Add('--assertion-issuer', '`iss` of an assertion of one''s own (default: the client)')
    $options['token'].Add('--assertion-subject', '`sub` of it (default: its issuer)')
    $options['token'].Add('--assertion-claim', 'Further claim of it, NAME:=JSON too; repeatable')
    $options['token'].Add('--assertion-audience', 'Whom assertions are for: issuer (default), token-endpoint for older servers, or a URL')
    $options['token'].Add('--client-certificate', 'Client''s TLS certificate, PEM or PKCS#12, with its key or without')
    $options['token'].Add('--client-key', 'Client''s private key, of assertions or the certificate: JWK, JWKS, PEM, PKCS#12')
    $options['token'].Add('--client-attestation', 'Attestation of the client, a JWT (a draft: with --experimental)')
    $options['token'].Add('--client-attestation-key', 'Private key that the attestation is about: JWK, PEM, PKCS#12')
    $options['token'].Add('--experimental', 'Allow what is a draft that may still change')
    $options['token'].Add('--client-key-id', 'The key''s id at the provider')
    $options['token'].Add('--dpop', 'Bind the tokens to a fresh key, which is kept with them (RFC 9449)')
    $options['token'].Add('--timeout', 'How long a server may take to answer')
    $options['token'].Add('--trace', 'Draw each message on stderr as it happens, secrets masked')
    $options['token'].Add('--color', 'When to use colour')
    $options['token'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['token'].Add('--verbose', 'Print more talk')
    $options['token'].Add('--no-input', 'Never ask')
    $options['token'].Add('--help', 'Show the help')
    $options['token'].Add('-h', 'Show the help')
    $values['token/--profile'] = 'profile'
    $values['token/-p'] = 'profile'
    $values['token/--min-ttl'] = 'text'
    $values['token/--format'] = 'choices bare header json env'
    $values['token/--grant'] = 'choices client_credentials token_exchange jwt_bearer saml2_bearer auto'
    $values['token/--standard'] = 'choices oauth2.1 fapi2 mcp rfc8252'
    $values['token/--scope'] = 'text'
    $values['token/-s'] = 'text'
    $values['token/--audience'] = 'text'
    $values['token/--resource'] = 'text'
    $values['token/--authorization-details'] = 'at-file'
    $values['token/--subject-token-source'] = 'choices env file profile github-actions gcp azure aws kubernetes'
    $values['token/--subject-token-file'] = 'file'
    $values['token/--subject-token-env'] = 'text'
    $values['token/--subject-token-profile'] = 'profile'
    $values['token/--subject-token-type'] = 'text'
    $values['token/--subject-token-audience'] = 'text'
    $values['token/--actor-token-source'] = 'choices env file profile github-actions gcp azure aws kubernetes'
    $values['token/--actor-token-file'] = 'file'
    $values['token/--actor-token-env'] = 'text'
    $values['token/--actor-token-profile'] = 'profile'
    $values['token/--actor-token-type'] = 'text'
    $values['token/--requested-token-type'] = 'text'
    $values['token/--assertion-file'] = 'file'
    $values['token/--assertion-from'] = 'profile'
    $values['token/--assertion-issuer'] = 'text'
    $values['token/--assertion-subject'] = 'text'
    $values['token/--assertion-claim'] = 'text'
    $values['token/--assertion-audience'] = 'text'
    $values['token/--client-certificate'] = 'file'
    $values['token/--client-key'] = 'file'
    $values['token/--client-attestation'] = 'file'
    $values['token/--client-attestation-key'] = 'file'
    $values['token/--client-key-id'] = 'text'
    $values['token/--timeout'] = 'text'
    $values['token/--color'] = 'choices auto always never'
    $options['call'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['call'].Add('--header', 'Header, repeatable')
    $options['call'].Add('-H', 'Header, repeatable')
    $options['call'].Add('--data', 'Body: text, `@FILE`, or `@-` for stdin')
    $options['call'].Add('-d', 'Body: text, `@FILE`, or `@-` for stdin')
    $options['call'].Add('--json', 'JSON body, sent as application/json')
    $options['call'].Add('--output', 'Where the answer''s body goes, be it an error''s')
    $options['call'].Add('-o', 'Where the answer''s body goes, be it an error''s')
    $options['call'].Add('--include', 'Print status and headers before the body')
    $options['call'].Add('-i', 'Print status and headers before the body')
    $options['call'].Add('--step-up', 'Sign in again when the API wants a stronger or fresher sign-in: ask, auto, never')
    $options['call'].Add('--profile', 'Profile to use (default: the current one)')
    $options['call'].Add('-p', 'Profile to use (default: the current one)')
    $options['call'].Add('--timeout', 'How long the API may take')
    $options['call'].Add('--dpop', 'Bind the tokens to a fresh key, which is kept with them (RFC 9449)')
    $options['call'].Add('--dry-run', 'Print what would be sent, and send nothing')
    $options['call'].Add('--trace', 'Draw each message on stderr as it happens, secrets masked')
    $options['call'].Add('--color', 'When to use colour')
    $options['call'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['call'].Add('--verbose', 'Print more talk')
    $options['call'].Add('--no-input', 'Never ask')
    $options['call'].Add('--help', 'Show the help')
    $options['call'].Add('-h', 'Show the help')
    $values['call/--header'] = 'text'
    $values['call/-H'] = 'text'
    $values['call/--data'] = 'at-file'
    $values['call/-d'] = 'at-file'
    $values['call/--json'] = 'at-file'
    $values['call/--output'] = 'file'
    $values['call/-o'] = 'file'
    $values['call/--step-up'] = 'choices ask auto never'
    $values['call/--profile'] = 'profile'
    $values['call/-p'] = 'profile'
    $values['call/--timeout'] = 'text'
    $values['call/--color'] = 'choices auto always never'
    $arguments['call/*'] = 'text'
    $options['decode'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['decode'].Add('--diff', 'Compare two tokens; exit code 1: they differ')
    $options['decode'].Add('--key', 'Private key that opens what is encrypted: JWK, JWKS or PEM')
    $options['decode'].Add('--at', 'Look at it as of then: 2026-01-31T12:00:00Z, 2026-01-31 or 1767225600 (default: now)')
    $options['decode'].Add('--json', 'Print one JSON document')
    $options['decode'].Add('--color', 'When to use colour')
    $options['decode'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['decode'].Add('--verbose', 'Print more talk')
    $options['decode'].Add('--no-input', 'Never ask')
    $options['decode'].Add('--help', 'Show the help')
    $options['decode'].Add('-h', 'Show the help')
    $values['decode/--key'] = 'file'
    $values['decode/--at'] = 'text'
    $values['decode/--color'] = 'choices auto always never'
    $arguments['decode/0'] = 'at-file'
    $arguments['decode/1'] = 'at-file'
    $options['verify'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['verify'].Add('--issuer', 'Who must have made the token (default: OAUTHCTL_ISSUER); its keys are fetched')
    $options['verify'].Add('--profile', 'Profile that names issuer and client (default: OAUTHCTL_PROFILE)')
    $options['verify'].Add('-p', 'Profile that names issuer and client (default: OAUTHCTL_PROFILE)')
    $options['verify'].Add('--jwks', 'The issuer''s key set, instead of looking for it')
    $options['verify'].Add('--key', 'Key: JWK, PEM, or a raw shared secret')
    $options['verify'].Add('--secret-env', 'Environment variable with a shared secret')
    $options['verify'].Add('--audience', 'For whom the token must be; of an ID token the client')
    $options['verify'].Add('--alg', 'Algorithm that is allowed (default: what the keys fit)')
    $options['verify'].Add('--type', 'id, access or jwt (default: by its looks)')
    $options['verify'].Add('--nonce', 'Nonce that the request sent')
    $options['verify'].Add('--leeway', 'How far clocks may differ')
    $options['verify'].Add('--at', 'Look at it as of then: 2026-01-31T12:00:00Z, 2026-01-31 or 1767225600 (default: now)')
    $options['verify'].Add('--timeout', 'How long a server may take to answer')
    $options['verify'].Add('--trace', 'Draw each message on stderr as it happens, secrets masked')
    $options['verify'].Add('--json', 'Print one JSON document')
    $options['verify'].Add('--color', 'When to use colour')
    $options['verify'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['verify'].Add('--verbose', 'Print more talk')
    $options['verify'].Add('--no-input', 'Never ask')
    $options['verify'].Add('--help', 'Show the help')
    $options['verify'].Add('-h', 'Show the help')
    $values['verify/--issuer'] = 'text'
    $values['verify/--profile'] = 'profile'
    $values['verify/-p'] = 'profile'
    $values['verify/--jwks'] = 'file'
    $values['verify/--key'] = 'file'
    $values['verify/--secret-env'] = 'text'
    $values['verify/--audience'] = 'text'
    $values['verify/--alg'] = 'text'
    $values['verify/--type'] = 'choices id access jwt'
    $values['verify/--nonce'] = 'text'
    $values['verify/--leeway'] = 'text'
    $values['verify/--at'] = 'text'
    $values['verify/--timeout'] = 'text'
    $values['verify/--color'] = 'choices auto always never'
    $arguments['verify/0'] = 'at-file'
    $options['discover'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['discover'].Add('--diff', 'Compare two servers, or one with saved metadata (a file, a recording); exit 1: they differ')
    $options['discover'].Add('--expect-issuer', 'Issuer that the metadata carries, where it is not TARGET')
    $options['discover'].Add('--standard', 'Tell only how it meets oauth2.1, fapi2, mcp or rfc8252; exit 1: it lacks something')
    $options['discover'].Add('--timeout', 'How long a server may take to answer')
    $options['discover'].Add('--trace', 'Draw each message on stderr as it happens, secrets masked')
    $options['discover'].Add('--json', 'Print one JSON document')
    $options['discover'].Add('--color', 'When to use colour')
    $options['discover'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['discover'].Add('--verbose', 'Print more talk')
    $options['discover'].Add('--no-input', 'Never ask')
    $options['discover'].Add('--help', 'Show the help')
    $options['discover'].Add('-h', 'Show the help')
    $values['discover/--expect-issuer'] = 'text'
    $values['discover/--standard'] = 'choices oauth2.1 fapi2 mcp rfc8252'
    $values['discover/--timeout'] = 'text'
    $values['discover/--color'] = 'choices auto always never'
    $arguments['discover/0'] = 'profile'
    $arguments['discover/1'] = 'profile'
    $options['userinfo'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['userinfo'].Add('--profile', 'Profile to use (default: the current one)')
    $options['userinfo'].Add('-p', 'Profile to use (default: the current one)')
    $options['userinfo'].Add('--timeout', 'How long a server may take to answer')
    $options['userinfo'].Add('--trace', 'Draw each message on stderr as it happens, secrets masked')
    $options['userinfo'].Add('--json', 'Print one JSON document')
    $options['userinfo'].Add('--color', 'When to use colour')
    $options['userinfo'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['userinfo'].Add('--verbose', 'Print more talk')
    $options['userinfo'].Add('--no-input', 'Never ask')
    $options['userinfo'].Add('--help', 'Show the help')
    $options['userinfo'].Add('-h', 'Show the help')
    $values['userinfo/--profile'] = 'profile'
    $values['userinfo/-p'] = 'profile'
    $values['userinfo/--timeout'] = 'text'
    $values['userinfo/--color'] = 'choices auto always never'
    $options['introspect'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['introspect'].Add('--refresh-token', 'The profile''s refresh token, not its access token')
    $options['introspect'].Add('--hint', 'What the server should look for first: access_token or refresh_token')
    $options['introspect'].Add('--any-issuer', 'Ask also about a token that names another issuer')
    $options['introspect'].Add('--signed', 'Ask for a signed answer, and believe no other (RFC 9701)')
    $options['introspect'].Add('--profile', 'Profile to use (default: the current one)')
    $options['introspect'].Add('-p', 'Profile to use (default: the current one)')
    $options['introspect'].Add('--timeout', 'How long a server may take to answer')
    $options['introspect'].Add('--trace', 'Draw each message on stderr as it happens, secrets masked')
    $options['introspect'].Add('--json', 'Print one JSON document')
    $options['introspect'].Add('--color', 'When to use colour')
    $options['introspect'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['introspect'].Add('--verbose', 'Print more talk')
    $options['introspect'].Add('--no-input', 'Never ask')
    $options['introspect'].Add('--help', 'Show the help')
    $options['introspect'].Add('-h', 'Show the help')
    $values['introspect/--hint'] = 'choices access_token refresh_token'
    $values['introspect/--profile'] = 'profile'
    $values['introspect/-p'] = 'profile'
    $values['introspect/--timeout'] = 'text'
    $values['introspect/--color'] = 'choices auto always never'
    $arguments['introspect/0'] = 'at-file'
    $options['refresh'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['refresh'].Add('--profile', 'Profile to use (default: the current one)')
    $options['refresh'].Add('-p', 'Profile to use (default: the current one)')
    $options['refresh'].Add('--scope', 'Fewer scopes than were granted')
    $options['refresh'].Add('-s', 'Fewer scopes than were granted')
    $options['refresh'].Add('--resource', 'One API of those that were granted; repeatable')
    $options['refresh'].Add('--timeout', 'How long a server may take to answer')
    $options['refresh'].Add('--trace', 'Draw each message on stderr as it happens, secrets masked')
    $options['refresh'].Add('--show-secrets', 'Print secrets unmasked')
    $options['refresh'].Add('--json', 'Print one JSON document')
    $options['refresh'].Add('--color', 'When to use colour')
    $options['refresh'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['refresh'].Add('--verbose', 'Print more talk')
    $options['refresh'].Add('--no-input', 'Never ask')
    $options['refresh'].Add('--help', 'Show the help')
    $options['refresh'].Add('-h', 'Show the help')
    $values['refresh/--profile'] = 'profile'
    $values['refresh/-p'] = 'profile'
    $values['refresh/--scope'] = 'text'
    $values['refresh/-s'] = 'text'
    $values['refresh/--resource'] = 'text'
    $values['refresh/--timeout'] = 'text'
    $values['refresh/--color'] = 'choices auto always never'
    $options['revoke'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['revoke'].Add('--access-token', 'The profile''s access token')
    $options['revoke'].Add('--refresh-token', 'The profile''s refresh token, and what hangs on it')
    $options['revoke'].Add('--hint', 'What the server should look for first: access_token or refresh_token')
    $options['revoke'].Add('--any-issuer', 'Revoke also a token that names another issuer')
    $options['revoke'].Add('--profile', 'Profile to use (default: the current one)')
    $options['revoke'].Add('-p', 'Profile to use (default: the current one)')
    $options['revoke'].Add('--timeout', 'How long a server may take to answer')
    $options['revoke'].Add('--trace', 'Draw each message on stderr as it happens, secrets masked')
    $options['revoke'].Add('--json', 'Print one JSON document')
    $options['revoke'].Add('--color', 'When to use colour')
    $options['revoke'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['revoke'].Add('--verbose', 'Print more talk')
    $options['revoke'].Add('--no-input', 'Never ask')
    $options['revoke'].Add('--help', 'Show the help')
    $options['revoke'].Add('-h', 'Show the help')
    $values['revoke/--hint'] = 'choices access_token refresh_token'
    $values['revoke/--profile'] = 'profile'
    $values['revoke/-p'] = 'profile'
    $values['revoke/--timeout'] = 'text'
    $values['revoke/--color'] = 'choices auto always never'
    $arguments['revoke/0'] = 'at-file'
    $options['logout'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['logout'].Add('--profile', 'Profile to use (default: the current one)')
    $options['logout'].Add('-p', 'Profile to use (default: the current one)')
    $options['logout'].Add('--no-browser', 'Only print the URL that ends the session')
    $options['logout'].Add('--timeout', 'How long a server may take to answer')
    $options['logout'].Add('--trace', 'Draw each message on stderr as it happens, secrets masked')
    $options['logout'].Add('--show-secrets', 'Print secrets unmasked')
    $options['logout'].Add('--json', 'Print one JSON document')
    $options['logout'].Add('--color', 'When to use colour')
    $options['logout'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['logout'].Add('--verbose', 'Print more talk')
    $options['logout'].Add('--no-input', 'Never ask')
    $options['logout'].Add('--help', 'Show the help')
    $options['logout'].Add('-h', 'Show the help')
    $values['logout/--profile'] = 'profile'
    $values['logout/-p'] = 'profile'
    $values['logout/--timeout'] = 'text'
    $values['logout/--color'] = 'choices auto always never'
    $options['diagnose'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['diagnose'].Add('--format', 'text, json, sarif or markdown')
    $options['diagnose'].Add('--json', 'Print one JSON document')
    $options['diagnose'].Add('--fail-on', 'Exit 1 from there on: error or warning')
    $options['diagnose'].Add('--rule', 'Apply this rule alone; can be repeated')
    $options['diagnose'].Add('--ignore', 'Leave this rule out; can be repeated')
    $options['diagnose'].Add('--at', 'Look at it as of then (default: the recording''s own time)')
    $options['diagnose'].Add('--jwks', 'Check signatures with these keys')
    $options['diagnose'].Add('--issuer', 'The issuer that the client expects')
    $options['diagnose'].Add('--audience', 'An audience that the API goes by')
    $options['diagnose'].Add('--alg', 'An algorithm that is accepted; can be repeated')
    $options['diagnose'].Add('--given', 'JSON: what is known of the client and its registration')
    $options['diagnose'].Add('--timeout', 'How long a server may take to answer')
    $options['diagnose'].Add('--color', 'When to use colour')
    $options['diagnose'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['diagnose'].Add('--verbose', 'Print more talk')
    $options['diagnose'].Add('--no-input', 'Never ask')
    $options['diagnose'].Add('--help', 'Show the help')
    $options['diagnose'].Add('-h', 'Show the help')
    $values['diagnose/--format'] = 'text'
    $values['diagnose/--fail-on'] = 'text'
    $values['diagnose/--rule'] = 'text'
    $values['diagnose/--ignore'] = 'text'
    $values['diagnose/--at'] = 'text'
    $values['diagnose/--jwks'] = 'file'
    $values['diagnose/--issuer'] = 'text'
    $values['diagnose/--audience'] = 'text'
    $values['diagnose/--alg'] = 'text'
    $values['diagnose/--given'] = 'file'
    $values['diagnose/--timeout'] = 'text'
    $values['diagnose/--color'] = 'choices auto always never'
    $arguments['diagnose/0'] = 'text'
    $options['explain'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['explain'].Add('--json', 'Print one JSON document')
    $options['explain'].Add('--color', 'When to use colour')
    $options['explain'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['explain'].Add('--verbose', 'Print more talk')
    $options['explain'].Add('--no-input', 'Never ask')
    $options['explain'].Add('--help', 'Show the help')
    $options['explain'].Add('-h', 'Show the help')
    $values['explain/--color'] = 'choices auto always never'
    $arguments['explain/*'] = 'choices code-flow pushed-flow signed-request-flow encrypted-request-flow referenced-request-flow signed-answer-flow encrypted-answer-flow encrypted-id-token-flow posted-answer-flow detailed-flow resource-flow claims-flow recent-sign-in-flow dpop-flow mtls-flow assertion-client-flow secret-assertion-flow attested-client-flow implicit-flow hybrid-flow device-flow ciba-flow ciba-ping-flow password-flow refresh-flow client-credentials-flow token-exchange-flow jwt-bearer-flow id-jag-flow saml2-bearer-flow discovery-flow registration-flow api-discovery-flow keys-flow api-flow step-up-flow userinfo-flow introspection-flow signed-introspection-flow revocation-flow logout-flow flows rules'
    $options['serve'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['serve'].Add('--config', 'Take from this TOML file what is not said here; see above')
    $options['serve'].Add('--print-config', 'Print all of that as TOML for --config, and end')
    $options['serve'].Add('--port', 'Port to listen on (default: a free one)')
    $options['serve'].Add('--host', 'Host or address to listen on')
    $options['serve'].Add('--issuer', 'Issuer to speak as, to the letter, behind a proxy, or with a path (`/one`); repeatable')
    $options['serve'].Add('--token-seconds', 'How long access tokens are good for')
    $options['serve'].Add('--refresh-grace', 'How long a used refresh token may come again')
    $options['serve'].Add('--key-seconds', 'How long a key signs; 0 for ever')
    $options['serve'].Add('--client', 'Further client, repeatable; see above')
    $options['serve'].Add('--user', 'Further user, repeatable; see above')
    $options['serve'].Add('--legacy', 'Speak legacy grants, too: password, implicit, hybrid')
    $options['serve'].Add('--experimental', 'Speak a draft, too: client attestation, by --trust-attester')
    $options['serve'].Add('--opaque-tokens', 'Give access tokens that say nothing, instead of JWTs')
    $options['serve'].Add('--trust', 'Take assertions of this issuer, by its keys; repeatable')
    $options['serve'].Add('--trust-attester', 'Let it vouch for clients, by its keys; repeatable; --experimental')
    $options['serve'].Add('--local-client', 'Fetch documents of clients at this origin of this machine, too; repeatable')
    $options['serve'].Add('--tls', 'Speak https, by a CA that is made once and kept in DIR; trust DIR/ca.pem')
    $options['serve'].Add('--mtls', 'See TLS certificates, too; fresh ones for clients are written to DIR')
    $options['serve'].Add('--state', 'Keep clients, users, codes, tokens and keys in FILE over restarts')
    $options['serve'].Add('--persona', 'Wear a known provider''s quirks: github, google, entra-v2, slack …')
    $options['serve'].Add('--fault', 'Misbehave so, SLUG[:after=N,times=N,rate=R,client=ID]; repeatable')
    $options['serve'].Add('--scenario', 'Answer by this script, judge the client by it and end; see above')
    $options['serve'].Add('--junit', 'Write the scenario''s verdicts as JUnit XML')
    $options['serve'].Add('--scenario-timeout', 'How long to wait for the client''s next request')
    $options['serve'].Add('--list-faults', 'List the faults and end')
    $options['serve'].Add('--list-scenarios', 'List the scenarios that are here and end')
    $options['serve'].Add('--list-personas', 'List the personas with their quirks and end')
    $options['serve'].Add('--json', 'Print one JSON document')
    $options['serve'].Add('--color', 'When to use colour')
    $options['serve'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['serve'].Add('--verbose', 'Print more talk')
    $options['serve'].Add('--no-input', 'Never ask')
    $options['serve'].Add('--help', 'Show the help')
    $options['serve'].Add('-h', 'Show the help')
    $values['serve/--config'] = 'file'
    $values['serve/--port'] = 'text'
    $values['serve/--host'] = 'text'
    $values['serve/--issuer'] = 'text'
    $values['serve/--token-seconds'] = 'text'
    $values['serve/--refresh-grace'] = 'text'
    $values['serve/--key-seconds'] = 'text'
    $values['serve/--client'] = 'text'
    $values['serve/--user'] = 'text'
    $values['serve/--trust'] = 'text'
    $values['serve/--trust-attester'] = 'text'
    $values['serve/--local-client'] = 'text'
    $values['serve/--tls'] = 'directory'
    $values['serve/--mtls'] = 'directory'
    $values['serve/--state'] = 'file'
    $values['serve/--persona'] = 'choices generic github google entra-v2 entra-v1 slack slack-openid okta auth0 keycloak cognito gitlab discord linkedin facebook x apple salesforce atlassian notion tiktok ilert'
    $values['serve/--fault'] = 'text'
    $values['serve/--scenario'] = 'file'
    $values['serve/--junit'] = 'file'
    $values['serve/--scenario-timeout'] = 'text'
    $values['serve/--color'] = 'choices auto always never'
    $options['completions'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['completions'].Add('--write', 'Write the scripts of all shells into this folder')
    $options['completions'].Add('--color', 'When to use colour')
    $options['completions'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['completions'].Add('--verbose', 'Print more talk')
    $options['completions'].Add('--no-input', 'Never ask')
    $options['completions'].Add('--help', 'Show the help')
    $options['completions'].Add('-h', 'Show the help')
    $values['completions/--write'] = 'directory'
    $values['completions/--color'] = 'choices auto always never'
    $arguments['completions/0'] = 'choices bash zsh fish powershell'
    $commands['profile'] = New-Object System.Collections.Specialized.OrderedDictionary
    $commands['profile'].Add('list', 'List the profiles, the current one marked')
    $commands['profile'].Add('show', 'Show everything about a profile but its secrets')
    $commands['profile'].Add('use', 'Make a profile the current one')
    $commands['profile'].Add('delete', 'Delete a profile, its tokens and its client secret')
    $options['profile'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['profile'].Add('--color', 'When to use colour')
    $options['profile'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['profile'].Add('--verbose', 'Print more talk')
    $options['profile'].Add('--no-input', 'Never ask')
    $options['profile'].Add('--help', 'Show the help')
    $options['profile'].Add('-h', 'Show the help')
    $values['profile/--color'] = 'choices auto always never'
    $options['profile list'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['profile list'].Add('--at', 'Look at it as of then: 2026-01-31T12:00:00Z, 2026-01-31 or 1767225600 (default: now)')
    $options['profile list'].Add('--json', 'Print one JSON document')
    $options['profile list'].Add('--color', 'When to use colour')
    $options['profile list'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['profile list'].Add('--verbose', 'Print more talk')
    $options['profile list'].Add('--no-input', 'Never ask')
    $options['profile list'].Add('--help', 'Show the help')
    $options['profile list'].Add('-h', 'Show the help')
    $values['profile list/--at'] = 'text'
    $values['profile list/--color'] = 'choices auto always never'
    $options['profile show'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['profile show'].Add('--at', 'Look at it as of then: 2026-01-31T12:00:00Z, 2026-01-31 or 1767225600 (default: now)')
    $options['profile show'].Add('--json', 'Print one JSON document')
    $options['profile show'].Add('--color', 'When to use colour')
    $options['profile show'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['profile show'].Add('--verbose', 'Print more talk')
    $options['profile show'].Add('--no-input', 'Never ask')
    $options['profile show'].Add('--help', 'Show the help')
    $options['profile show'].Add('-h', 'Show the help')
    $values['profile show/--at'] = 'text'
    $values['profile show/--color'] = 'choices auto always never'
    $arguments['profile show/0'] = 'profile'
    $options['profile use'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['profile use'].Add('--color', 'When to use colour')
    $options['profile use'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['profile use'].Add('--verbose', 'Print more talk')
    $options['profile use'].Add('--no-input', 'Never ask')
    $options['profile use'].Add('--help', 'Show the help')
    $options['profile use'].Add('-h', 'Show the help')
    $values['profile use/--color'] = 'choices auto always never'
    $arguments['profile use/0'] = 'profile'
    $options['profile delete'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['profile delete'].Add('--yes', 'Don''t ask')
    $options['profile delete'].Add('-y', 'Don''t ask')
    $options['profile delete'].Add('--color', 'When to use colour')
    $options['profile delete'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['profile delete'].Add('--verbose', 'Print more talk')
    $options['profile delete'].Add('--no-input', 'Never ask')
    $options['profile delete'].Add('--help', 'Show the help')
    $options['profile delete'].Add('-h', 'Show the help')
    $values['profile delete/--color'] = 'choices auto always never'
    $arguments['profile delete/0'] = 'profile'
    $commands['trace'] = New-Object System.Collections.Specialized.OrderedDictionary
    $commands['trace'].Add('list', 'List the recordings, the latest first')
    $commands['trace'].Add('show', 'Show a recording as a diagram and message by message')
    $commands['trace'].Add('export', 'Write a recording as HTML, Mermaid, Markdown and more')
    $commands['trace'].Add('redact', 'Make a capture safe to attach to a bug report')
    $commands['trace'].Add('import', 'Keep a capture as a recording, without its secrets')
    $commands['trace'].Add('delete', 'Delete recordings')
    $commands['trace'].Add('prune', 'Delete old recordings')
    $commands['trace'].Add('diff', 'Compare two recordings: why it works in one alone')
    $commands['trace'].Add('replay', 'Send a recording''s requests again, compare answers')
    $options['trace'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['trace'].Add('--color', 'When to use colour')
    $options['trace'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['trace'].Add('--verbose', 'Print more talk')
    $options['trace'].Add('--no-input', 'Never ask')
    $options['trace'].Add('--help', 'Show the help')
    $options['trace'].Add('-h', 'Show the help')
    $values['trace/--color'] = 'choices auto always never'
    $options['trace list'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['trace list'].Add('--json', 'Print one JSON document')
    $options['trace list'].Add('--color', 'When to use colour')
    $options['trace list'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['trace list'].Add('--verbose', 'Print more talk')
    $options['trace list'].Add('--no-input', 'Never ask')
    $options['trace list'].Add('--help', 'Show the help')
    $options['trace list'].Add('-h', 'Show the help')
    $values['trace list/--color'] = 'choices auto always never'
    $options['trace show'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['trace show'].Add('--exchange', 'Show this exchange alone (default: all)')
    $options['trace show'].Add('-x', 'Show this exchange alone (default: all)')
    $options['trace show'].Add('--json', 'Print one JSON document')
    $options['trace show'].Add('--show-secrets', 'Print secrets unmasked')
    $options['trace show'].Add('--color', 'When to use colour')
    $options['trace show'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['trace show'].Add('--verbose', 'Print more talk')
    $options['trace show'].Add('--no-input', 'Never ask')
    $options['trace show'].Add('--help', 'Show the help')
    $options['trace show'].Add('-h', 'Show the help')
    $values['trace show/--exchange'] = 'text'
    $values['trace show/-x'] = 'text'
    $values['trace show/--color'] = 'choices auto always never'
    $arguments['trace show/0'] = 'file'
    $options['trace export'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['trace export'].Add('--format', 'html, mermaid, markdown, json, har or curl (default: by the file''s ending)')
    $options['trace export'].Add('--output', 'Write it there; `-` is stdout')
    $options['trace export'].Add('-o', 'Write it there; `-` is stdout')
    $options['trace export'].Add('--color', 'When to use colour')
    $options['trace export'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['trace export'].Add('--verbose', 'Print more talk')
    $options['trace export'].Add('--no-input', 'Never ask')
    $options['trace export'].Add('--help', 'Show the help')
    $options['trace export'].Add('-h', 'Show the help')
    $values['trace export/--format'] = 'text'
    $values['trace export/--output'] = 'file'
    $values['trace export/-o'] = 'file'
    $values['trace export/--color'] = 'choices auto always never'
    $arguments['trace export/0'] = 'file'
    $options['trace redact'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['trace redact'].Add('--output', 'Write it there; `-` is stdout')
    $options['trace redact'].Add('-o', 'Write it there; `-` is stdout')
    $options['trace redact'].Add('--keep-claims', 'Keep what JWTs and userinfo say of people, or put a word for its type in each value''s place')
    $options['trace redact'].Add('--drop-claims', 'Keep what JWTs and userinfo say of people, or put a word for its type in each value''s place')
    $options['trace redact'].Add('--color', 'When to use colour')
    $options['trace redact'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['trace redact'].Add('--verbose', 'Print more talk')
    $options['trace redact'].Add('--no-input', 'Never ask')
    $options['trace redact'].Add('--help', 'Show the help')
    $options['trace redact'].Add('-h', 'Show the help')
    $values['trace redact/--output'] = 'file'
    $values['trace redact/-o'] = 'file'
    $values['trace redact/--color'] = 'choices auto always never'
    $arguments['trace redact/0'] = 'file'
    $options['trace import'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['trace import'].Add('--name', 'Call it this; goes where an id goes')
    $options['trace import'].Add('-n', 'Call it this; goes where an id goes')
    $options['trace import'].Add('--color', 'When to use colour')
    $options['trace import'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['trace import'].Add('--verbose', 'Print more talk')
    $options['trace import'].Add('--no-input', 'Never ask')
    $options['trace import'].Add('--help', 'Show the help')
    $options['trace import'].Add('-h', 'Show the help')
    $values['trace import/--name'] = 'text'
    $values['trace import/-n'] = 'text'
    $values['trace import/--color'] = 'choices auto always never'
    $arguments['trace import/0'] = 'file'
    $options['trace delete'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['trace delete'].Add('--color', 'When to use colour')
    $options['trace delete'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['trace delete'].Add('--verbose', 'Print more talk')
    $options['trace delete'].Add('--no-input', 'Never ask')
    $options['trace delete'].Add('--help', 'Show the help')
    $options['trace delete'].Add('-h', 'Show the help')
    $values['trace delete/--color'] = 'choices auto always never'
    $arguments['trace delete/*'] = 'text'
    $options['trace prune'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['trace prune'].Add('--keep', 'Spare the newest N')
    $options['trace prune'].Add('--older-than', 'Spare what is younger')
    $options['trace prune'].Add('--dry-run', 'Print what would be deleted, and delete nothing')
    $options['trace prune'].Add('--color', 'When to use colour')
    $options['trace prune'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['trace prune'].Add('--verbose', 'Print more talk')
    $options['trace prune'].Add('--no-input', 'Never ask')
    $options['trace prune'].Add('--help', 'Show the help')
    $options['trace prune'].Add('-h', 'Show the help')
    $values['trace prune/--keep'] = 'text'
    $values['trace prune/--older-than'] = 'text'
    $values['trace prune/--color'] = 'choices auto always never'
    $options['trace diff'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['trace diff'].Add('--json', 'Print one JSON document')
    $options['trace diff'].Add('--color', 'When to use colour')
    $options['trace diff'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['trace diff'].Add('--verbose', 'Print more talk')
    $options['trace diff'].Add('--no-input', 'Never ask')
    $options['trace diff'].Add('--help', 'Show the help')
    $options['trace diff'].Add('-h', 'Show the help')
    $values['trace diff/--color'] = 'choices auto always never'
    $arguments['trace diff/0'] = 'text'
    $arguments['trace diff/1'] = 'text'
    $options['trace replay'] = New-Object System.Collections.Specialized.OrderedDictionary
    $options['trace replay'].Add('--host', 'Send to this host, too (default: this machine alone); can be repeated')
    $options['trace replay'].Add('--unsafe', 'Repeat API calls that may change something, too (POST, DELETE …)')
    $options['trace replay'].Add('--profile', 'Profile to use (default: the current one)')
    $options['trace replay'].Add('-p', 'Profile to use (default: the current one)')
    $options['trace replay'].Add('--dry-run', 'Print what would be sent, and send nothing')
    $options['trace replay'].Add('--timeout', 'How long a server may take to answer')
    $options['trace replay'].Add('--trace', 'Draw each message on stderr as it happens, secrets masked')
    $options['trace replay'].Add('--json', 'Print one JSON document')
    $options['trace replay'].Add('--color', 'When to use colour')
    $options['trace replay'].Add('--quiet', 'Print no talk, only data, warnings and errors')
    $options['trace replay'].Add('--verbose', 'Print more talk')
    $options['trace replay'].Add('--no-input', 'Never ask')
    $options['trace replay'].Add('--help', 'Show the help')
    $options['trace replay'].Add('-h', 'Show the help')
    $values['trace replay/--host'] = 'text'
    $values['trace replay/--profile'] = 'profile'
    $values['trace replay/-p'] = 'profile'
    $values['trace replay/--timeout'] = 'text'
    $values['trace replay/--color'] = 'choices auto always never'
    $arguments['trace replay/0'] = 'file'

    function Get-ProfileName {
        $directory = if ($env:OAUTHCTL_CONFIG_DIR) { $env:OAUTHCTL_CONFIG_DIR }
        elseif ($env:LOCALAPPDATA) { Join-Path $env:LOCALAPPDATA 'oauthctl' }
        elseif ($env:XDG_CONFIG_HOME) { Join-Path $env:XDG_CONFIG_HOME 'oauthctl' }
        elseif ($IsMacOS) { Join-Path $HOME 'Library/Application Support/oauthctl' }
        else { Join-Path $HOME '.config/oauthctl' }
        Get-ChildItem -Path (Join-Path $directory 'profiles') -Filter '*.toml' -File -ErrorAction SilentlyContinue |
            ForEach-Object { $_.BaseName }
    }

    # Everything that could stand where the cursor is; what begins as the word does is given.
    function New-Offer($word, $text, $help, $type) {
        if ($text.StartsWith($word, [System.StringComparison]::Ordinal)) {
            $shown = if ($help) { $help } else { $text }
            [System.Management.Automation.CompletionResult]::new($text, $text, $type, $shown)
        }
    }

    function Get-Offer($value, $word, $prefix) {
        $kind, $choices = $value -split ' '
        $names = switch ($kind) {
            'choices' { $choices }
            'profile' { Get-ProfileName }
            default { @() }
        }
        foreach ($name in $names) { New-Offer ($prefix + $word) ($prefix + $name) '' 'ParameterValue' }
        if ($kind -eq 'file' -or $kind -eq 'directory' -or ($kind -eq 'at-file' -and $word.StartsWith('@'))) {
            $before = if ($kind -eq 'at-file') { '@' } else { '' }
            [System.Management.Automation.CompletionCompleters]::CompleteFilename($word.Substring($before.Length)) |
                Where-Object { $kind -ne 'directory' -or $_.ResultType -eq 'ProviderContainer' } |
                ForEach-Object {
                    [System.Management.Automation.CompletionResult]::new(
                        $prefix + $before + $_.CompletionText, $_.ListItemText, $_.ResultType, $_.ToolTip)
                }
        }
    }

    $path = ''
    $position = 0
    $option = ''
    $bare = $false
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object { $_.Extent.Text })
    foreach ($word in $words) {
        if ($option) { $option = '' }
        elseif (-not $bare -and $word -ceq '--') { $bare = $true }
        elseif (-not $bare -and $word.StartsWith('-') -and $word.Length -gt 1) {
            if ($values.ContainsKey("$path/$word")) { $option = $word }
        }
        elseif ($position -eq 0 -and $commands.ContainsKey($path) -and $commands[$path].Contains($word)) {
            $path = "$path $word".Trim()
        }
        else { $position++ }
    }

    if ($option) {
        Get-Offer $values["$path/$option"] $wordToComplete ''
    }
    elseif (-not $bare -and $wordToComplete -match '^(--[^=]+)=(.*)$') {
        $name, $rest = $Matches[1], $Matches[2]
        if ($values.ContainsKey("$path/$name")) { Get-Offer $values["$path/$name"] $rest "$name=" }
    }
    elseif (-not $bare -and $wordToComplete.StartsWith('-')) {
        foreach ($pair in $options[$path].GetEnumerator()) { New-Offer $wordToComplete $pair.Key $pair.Value 'ParameterName' }
    }
    elseif ($position -eq 0 -and $commands.ContainsKey($path)) {
        foreach ($pair in $commands[$path].GetEnumerator()) { New-Offer $wordToComplete $pair.Key $pair.Value 'ParameterValue' }
    }
    elseif ($arguments.ContainsKey("$path/$position")) { Get-Offer $arguments["$path/$position"] $wordToComplete '' }
    elseif ($arguments.ContainsKey("$path/*")) { Get-Offer $arguments["$path/*"] $wordToComplete '' }
}
