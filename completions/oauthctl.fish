# oauthctl: completion for fish. Made by `oauthctl completions fish`; changes are lost when it is made again.
#
# Install:
#   oauthctl completions fish > ~/.config/fish/completions/oauthctl.fish
#
# Profile names are the files of oauthctl's configuration directory; Python is not started.

set -g __oauthctl_is_command '/demo' '/login' '/token' '/call' '/decode' '/verify' '/discover' '/userinfo' '/refresh' '/logout' '/diagnose' '/explain' '/serve' '/completions' '/profile' '/trace' 'profile/list' 'profile/show' 'profile/use' 'profile/delete' 'trace/list' 'trace/show' 'trace/export'

set -g __oauthctl_takes_value '/--color' 'demo/--timeout' 'demo/--color' 'login/--client-id' 'login/--scope' 'login/-s' 'login/--profile' 'login/-p' 'login/--redirect-uri' 'login/--client-secret-file' 'login/--client-auth' 'login/--audience' 'login/--resource' 'login/--prompt' 'login/--login-hint' 'login/--max-age' 'login/--acr' 'login/--param' 'login/--response-mode' 'login/--pkce' 'login/--authorization-endpoint' 'login/--token-endpoint' 'login/--userinfo-endpoint' 'login/--jwks-uri' 'login/--revocation-endpoint' 'login/--introspection-endpoint' 'login/--end-session-endpoint' 'login/--expect-issuer' 'login/--leeway' 'login/--timeout' 'login/--color' 'token/--profile' 'token/-p' 'token/--min-ttl' 'token/--format' 'token/--grant' 'token/--scope' 'token/-s' 'token/--audience' 'token/--resource' 'token/--timeout' 'token/--color' 'call/--header' 'call/-H' 'call/--data' 'call/-d' 'call/--json' 'call/--output' 'call/-o' 'call/--profile' 'call/-p' 'call/--timeout' 'call/--color' 'decode/--at' 'decode/--color' 'verify/--issuer' 'verify/--profile' 'verify/-p' 'verify/--jwks' 'verify/--key' 'verify/--secret-env' 'verify/--audience' 'verify/--alg' 'verify/--type' 'verify/--nonce' 'verify/--leeway' 'verify/--at' 'verify/--timeout' 'verify/--color' 'discover/--expect-issuer' 'discover/--timeout' 'discover/--color' 'userinfo/--profile' 'userinfo/-p' 'userinfo/--timeout' 'userinfo/--color' 'refresh/--profile' 'refresh/-p' 'refresh/--scope' 'refresh/-s' 'refresh/--timeout' 'refresh/--color' 'logout/--profile' 'logout/-p' 'logout/--timeout' 'logout/--color' 'diagnose/--format' 'diagnose/--fail-on' 'diagnose/--rule' 'diagnose/--ignore' 'diagnose/--at' 'diagnose/--jwks' 'diagnose/--issuer' 'diagnose/--audience' 'diagnose/--alg' 'diagnose/--given' 'diagnose/--timeout' 'diagnose/--color' 'explain/--color' 'serve/--port' 'serve/--host' 'serve/--issuer' 'serve/--token-seconds' 'serve/--client' 'serve/--user' 'serve/--color' 'completions/--write' 'completions/--color' 'profile/--color' 'profile list/--at' 'profile list/--color' 'profile show/--at' 'profile show/--color' 'profile use/--color' 'profile delete/--color' 'trace/--color' 'trace list/--color' 'trace show/--exchange' 'trace show/-x' 'trace show/--color' 'trace export/--format' 'trace export/--output' 'trace export/-o' 'trace export/--color'

# Sets the command and the position of the argument that is typed; remembers them, since each line below asks for them.
function __oauthctl_place
    set -l words (commandline -opc)
    test "$words" = "$__oauthctl_words"; and return
    set -g __oauthctl_words $words
    set -g __oauthctl_path
    set -g __oauthctl_position 0
    set -l skip no
    set -l bare no
    for word in $words[2..-1]
        if test $skip = yes
            set skip no
        else if test $bare = no; and string match -q -- -- $word
            set bare yes
        else if test $bare = no; and string match -qr -- '^-.' $word
            contains -- "$__oauthctl_path/$word" $__oauthctl_takes_value; and set skip yes
        else if test $__oauthctl_position = 0; and contains -- "$__oauthctl_path/$word" $__oauthctl_is_command
            set -g __oauthctl_path (string trim -- "$__oauthctl_path $word")
        else
            set -g __oauthctl_position (math $__oauthctl_position + 1)
        end
    end
end

# Whether the command is $argv[1], and the argument the one at the position $argv[2], if that is given.
function __oauthctl_at
    __oauthctl_place
    test "$__oauthctl_path" = "$argv[1]"; or return 1
    set -q argv[2]; or return 0
    test $argv[2] = any; or test $__oauthctl_position = $argv[2]
end

function __oauthctl_profiles
    set -l directory $HOME/.config/oauthctl
    if test -n "$OAUTHCTL_CONFIG_DIR"
        set directory $OAUTHCTL_CONFIG_DIR
    else if test -n "$XDG_CONFIG_HOME"
        set directory $XDG_CONFIG_HOME/oauthctl
    else if test (uname) = Darwin
        set directory "$HOME/Library/Application Support/oauthctl"
    end
    for file in $directory/profiles/*.toml
        string replace -r '.*/(.*)\.toml$' '$1' -- $file
    end
end

function __oauthctl_at_files
    set -l token (commandline -ct)
    string match -q -- '@*' $token; or return
    for file in (__fish_complete_path (string sub -s 2 -- $token))
        echo @$file
    end
end

complete -c oauthctl -f

complete -c oauthctl -n '__oauthctl_at \'\' 0' -a 'demo' -d 'Watch a whole sign-in, from the first 401 to revocation'
complete -c oauthctl -n '__oauthctl_at \'\' 0' -a 'login' -d 'Sign in by the browser and keep the tokens'
complete -c oauthctl -n '__oauthctl_at \'\' 0' -a 'token' -d 'Print one access token, refreshed if need be'
complete -c oauthctl -n '__oauthctl_at \'\' 0' -a 'call' -d 'Call an API with the access token'
complete -c oauthctl -n '__oauthctl_at \'\' 0' -a 'decode' -d 'Show what is in a token. Nothing is verified'
complete -c oauthctl -n '__oauthctl_at \'\' 0' -a 'verify' -d 'Check a token: signature, issuer, audience, times'
complete -c oauthctl -n '__oauthctl_at \'\' 0' -a 'discover' -d 'Show a provider\'s metadata, and what is missing'
complete -c oauthctl -n '__oauthctl_at \'\' 0' -a 'userinfo' -d 'Fetch the claims about the person'
complete -c oauthctl -n '__oauthctl_at \'\' 0' -a 'refresh' -d 'Trade the refresh token for fresh tokens'
complete -c oauthctl -n '__oauthctl_at \'\' 0' -a 'logout' -d 'Revoke the tokens, end the session, forget'
complete -c oauthctl -n '__oauthctl_at \'\' 0' -a 'diagnose' -d 'Name the root cause of a failure, with evidence'
complete -c oauthctl -n '__oauthctl_at \'\' 0' -a 'explain' -d 'Explain a word of the protocol, with its source'
complete -c oauthctl -n '__oauthctl_at \'\' 0' -a 'serve' -d 'Run a provider to practise with, until Ctrl-C'
complete -c oauthctl -n '__oauthctl_at \'\' 0' -a 'completions' -d 'Print a shell\'s completion script'
complete -c oauthctl -n '__oauthctl_at \'\' 0' -a 'profile' -d 'List, show, choose and delete profiles'
complete -c oauthctl -n '__oauthctl_at \'\' 0' -a 'trace' -d 'Look at the exchanges that were recorded'
complete -c oauthctl -n '__oauthctl_at \'\'' -l version -d 'Print the version'
complete -c oauthctl -n '__oauthctl_at \'\'' -l color -x -a 'auto always never' -d 'When to use colour'
complete -c oauthctl -n '__oauthctl_at \'\'' -l quiet -d 'Print no talk, only data, warnings and errors'
complete -c oauthctl -n '__oauthctl_at \'\'' -l verbose -d 'Print more talk'
complete -c oauthctl -n '__oauthctl_at \'\'' -l no-input -d 'Never ask'
complete -c oauthctl -n '__oauthctl_at \'\'' -l help -s h -d 'Show the help'
complete -c oauthctl -n '__oauthctl_at \'demo\'' -l browser -d 'Sign in yourself, in your browser (default: a scripted user does)'
complete -c oauthctl -n '__oauthctl_at \'demo\'' -l timeout -x -d 'How long to wait for you with `--browser`'
complete -c oauthctl -n '__oauthctl_at \'demo\'' -l color -x -a 'auto always never' -d 'When to use colour'
complete -c oauthctl -n '__oauthctl_at \'demo\'' -l quiet -d 'Print no talk, only data, warnings and errors'
complete -c oauthctl -n '__oauthctl_at \'demo\'' -l verbose -d 'Print more talk'
complete -c oauthctl -n '__oauthctl_at \'demo\'' -l no-input -d 'Never ask'
complete -c oauthctl -n '__oauthctl_at \'demo\'' -l help -s h -d 'Show the help'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l client-id -x -d 'Client identifier at the provider'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l scope -s s -x -d 'Scopes, space-separated or repeated'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l profile -s p -x -a '(__oauthctl_profiles)' -d 'Profile to use (default: the current one)'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l redirect-uri -x -d 'Exact redirect URI (default: http://127.0.0.1:PORT/callback, a free port)'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l client-secret-file -r -F -d 'File with the client secret, `-` for stdin'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l client-auth -x -a 'none client_secret_basic client_secret_post' -d 'Client authentication (default: from the metadata)'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l audience -x -d 'API\'s logical name (Auth0 and others)'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l resource -x -d 'API for which the token is meant'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l prompt -x -d 'none, login, consent, select_account'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l login-hint -x -d 'Whom to sign in'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l max-age -x -d 'Oldest sign-in that will do'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l acr -x -d 'Way of authentication that is wanted'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l param -x -d 'Further parameter of the request, none that has an option'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l response-mode -x -a 'query form_post fragment' -d 'How the answer travels'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l pkce -x -a 'S256 plain none' -d 'PKCE method; plain and none are for provoking'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l authorization-endpoint -x -d 'Endpoint, for providers without metadata'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l token-endpoint -x -d 'Endpoint, for providers without metadata'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l userinfo-endpoint -x -d 'Endpoint, for providers without metadata'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l jwks-uri -x -d 'Endpoint, for providers without metadata'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l revocation-endpoint -x -d 'Endpoint, for providers without metadata'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l introspection-endpoint -x -d 'Endpoint, for providers without metadata'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l end-session-endpoint -x -d 'Endpoint, for providers without metadata'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l expect-issuer -x -d 'Issuer that metadata and tokens carry, where it is not TARGET'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l leeway -x -d 'How far clocks may differ'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l timeout -x -d 'How long to wait for the person'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l no-browser -d 'Only print the URL'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l dry-run -d 'Print what would be sent, and send nothing'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l trace -d 'Print each exchange on stderr as it happens, secrets masked'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l show-secrets -d 'Print secrets unmasked'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l json -d 'Print one JSON document'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l color -x -a 'auto always never' -d 'When to use colour'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l quiet -d 'Print no talk, only data, warnings and errors'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l verbose -d 'Print more talk'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l no-input -d 'Never ask'
complete -c oauthctl -n '__oauthctl_at \'login\'' -l help -s h -d 'Show the help'
complete -c oauthctl -n '__oauthctl_at \'login\' 0' -a '(__oauthctl_profiles)'
complete -c oauthctl -n '__oauthctl_at \'token\'' -l profile -s p -x -a '(__oauthctl_profiles)' -d 'Profile to use (default: the current one)'
complete -c oauthctl -n '__oauthctl_at \'token\'' -l min-ttl -x -d 'Refresh when less than this is left'
complete -c oauthctl -n '__oauthctl_at \'token\'' -l format -x -a 'bare header json env' -d 'bare, header, json or env'
complete -c oauthctl -n '__oauthctl_at \'token\'' -l grant -x -a 'client_credentials' -d 'client_credentials: the client\'s own token'
complete -c oauthctl -n '__oauthctl_at \'token\'' -l scope -s s -x -d 'Scopes, with --grant'
complete -c oauthctl -n '__oauthctl_at \'token\'' -l audience -x -d 'API\'s logical name, with --grant'
complete -c oauthctl -n '__oauthctl_at \'token\'' -l resource -x -d 'API for which it is meant, with --grant'
complete -c oauthctl -n '__oauthctl_at \'token\'' -l timeout -x -d 'How long a server may take to answer'
complete -c oauthctl -n '__oauthctl_at \'token\'' -l trace -d 'Print each exchange on stderr as it happens, secrets masked'
complete -c oauthctl -n '__oauthctl_at \'token\'' -l color -x -a 'auto always never' -d 'When to use colour'
complete -c oauthctl -n '__oauthctl_at \'token\'' -l quiet -d 'Print no talk, only data, warnings and errors'
complete -c oauthctl -n '__oauthctl_at \'token\'' -l verbose -d 'Print more talk'
complete -c oauthctl -n '__oauthctl_at \'token\'' -l no-input -d 'Never ask'
complete -c oauthctl -n '__oauthctl_at \'token\'' -l help -s h -d 'Show the help'
complete -c oauthctl -n '__oauthctl_at \'call\'' -l header -s H -x -d 'Header, repeatable'
complete -c oauthctl -n '__oauthctl_at \'call\'' -l data -s d -x -a '(__oauthctl_at_files)' -d 'Body: text, `@FILE`, or `@-` for stdin'
complete -c oauthctl -n '__oauthctl_at \'call\'' -l json -x -a '(__oauthctl_at_files)' -d 'JSON body, sent as application/json'
complete -c oauthctl -n '__oauthctl_at \'call\'' -l output -s o -r -F -d 'Where the answer\'s body goes'
complete -c oauthctl -n '__oauthctl_at \'call\'' -l include -s i -d 'Print status and headers before the body'
complete -c oauthctl -n '__oauthctl_at \'call\'' -l profile -s p -x -a '(__oauthctl_profiles)' -d 'Profile to use (default: the current one)'
complete -c oauthctl -n '__oauthctl_at \'call\'' -l timeout -x -d 'How long the API may take'
complete -c oauthctl -n '__oauthctl_at \'call\'' -l dry-run -d 'Print what would be sent, and send nothing'
complete -c oauthctl -n '__oauthctl_at \'call\'' -l trace -d 'Print each exchange on stderr as it happens, secrets masked'
complete -c oauthctl -n '__oauthctl_at \'call\'' -l color -x -a 'auto always never' -d 'When to use colour'
complete -c oauthctl -n '__oauthctl_at \'call\'' -l quiet -d 'Print no talk, only data, warnings and errors'
complete -c oauthctl -n '__oauthctl_at \'call\'' -l verbose -d 'Print more talk'
complete -c oauthctl -n '__oauthctl_at \'call\'' -l no-input -d 'Never ask'
complete -c oauthctl -n '__oauthctl_at \'call\'' -l help -s h -d 'Show the help'
complete -c oauthctl -n '__oauthctl_at \'decode\'' -l at -x -d 'Look at it as of then: 2026-01-31T12:00:00Z, 2026-01-31 or 1767225600 (default: now)'
complete -c oauthctl -n '__oauthctl_at \'decode\'' -l json -d 'Print one JSON document'
complete -c oauthctl -n '__oauthctl_at \'decode\'' -l color -x -a 'auto always never' -d 'When to use colour'
complete -c oauthctl -n '__oauthctl_at \'decode\'' -l quiet -d 'Print no talk, only data, warnings and errors'
complete -c oauthctl -n '__oauthctl_at \'decode\'' -l verbose -d 'Print more talk'
complete -c oauthctl -n '__oauthctl_at \'decode\'' -l no-input -d 'Never ask'
complete -c oauthctl -n '__oauthctl_at \'decode\'' -l help -s h -d 'Show the help'
complete -c oauthctl -n '__oauthctl_at \'decode\' 0' -a '(__oauthctl_at_files)'
complete -c oauthctl -n '__oauthctl_at \'verify\'' -l issuer -x -d 'Who must have made the token; its keys are fetched'
complete -c oauthctl -n '__oauthctl_at \'verify\'' -l profile -s p -x -a '(__oauthctl_profiles)' -d 'Profile that names issuer and client (default: none)'
complete -c oauthctl -n '__oauthctl_at \'verify\'' -l jwks -r -F -d 'The issuer\'s key set, instead of looking for it'
complete -c oauthctl -n '__oauthctl_at \'verify\'' -l key -r -F -d 'Key: JWK, PEM, or a raw shared secret'
complete -c oauthctl -n '__oauthctl_at \'verify\'' -l secret-env -x -d 'Environment variable with a shared secret'
complete -c oauthctl -n '__oauthctl_at \'verify\'' -l audience -x -d 'For whom the token must be; of an ID token the client'
complete -c oauthctl -n '__oauthctl_at \'verify\'' -l alg -x -d 'Algorithm that is allowed (default: what the keys fit)'
complete -c oauthctl -n '__oauthctl_at \'verify\'' -l type -x -a 'id access jwt' -d 'id, access or jwt (default: by its looks)'
complete -c oauthctl -n '__oauthctl_at \'verify\'' -l nonce -x -d 'Nonce that the request sent'
complete -c oauthctl -n '__oauthctl_at \'verify\'' -l leeway -x -d 'How far clocks may differ'
complete -c oauthctl -n '__oauthctl_at \'verify\'' -l at -x -d 'Look at it as of then: 2026-01-31T12:00:00Z, 2026-01-31 or 1767225600 (default: now)'
complete -c oauthctl -n '__oauthctl_at \'verify\'' -l timeout -x -d 'How long a server may take to answer'
complete -c oauthctl -n '__oauthctl_at \'verify\'' -l trace -d 'Print each exchange on stderr as it happens, secrets masked'
complete -c oauthctl -n '__oauthctl_at \'verify\'' -l json -d 'Print one JSON document'
complete -c oauthctl -n '__oauthctl_at \'verify\'' -l color -x -a 'auto always never' -d 'When to use colour'
complete -c oauthctl -n '__oauthctl_at \'verify\'' -l quiet -d 'Print no talk, only data, warnings and errors'
complete -c oauthctl -n '__oauthctl_at \'verify\'' -l verbose -d 'Print more talk'
complete -c oauthctl -n '__oauthctl_at \'verify\'' -l no-input -d 'Never ask'
complete -c oauthctl -n '__oauthctl_at \'verify\'' -l help -s h -d 'Show the help'
complete -c oauthctl -n '__oauthctl_at \'verify\' 0' -a '(__oauthctl_at_files)'
complete -c oauthctl -n '__oauthctl_at \'discover\'' -l expect-issuer -x -d 'Issuer that the metadata carries, where it is not TARGET'
complete -c oauthctl -n '__oauthctl_at \'discover\'' -l timeout -x -d 'How long a server may take to answer'
complete -c oauthctl -n '__oauthctl_at \'discover\'' -l trace -d 'Print each exchange on stderr as it happens, secrets masked'
complete -c oauthctl -n '__oauthctl_at \'discover\'' -l json -d 'Print one JSON document'
complete -c oauthctl -n '__oauthctl_at \'discover\'' -l color -x -a 'auto always never' -d 'When to use colour'
complete -c oauthctl -n '__oauthctl_at \'discover\'' -l quiet -d 'Print no talk, only data, warnings and errors'
complete -c oauthctl -n '__oauthctl_at \'discover\'' -l verbose -d 'Print more talk'
complete -c oauthctl -n '__oauthctl_at \'discover\'' -l no-input -d 'Never ask'
complete -c oauthctl -n '__oauthctl_at \'discover\'' -l help -s h -d 'Show the help'
complete -c oauthctl -n '__oauthctl_at \'discover\' 0' -a '(__oauthctl_profiles)'
complete -c oauthctl -n '__oauthctl_at \'userinfo\'' -l profile -s p -x -a '(__oauthctl_profiles)' -d 'Profile to use (default: the current one)'
complete -c oauthctl -n '__oauthctl_at \'userinfo\'' -l timeout -x -d 'How long a server may take to answer'
complete -c oauthctl -n '__oauthctl_at \'userinfo\'' -l trace -d 'Print each exchange on stderr as it happens, secrets masked'
complete -c oauthctl -n '__oauthctl_at \'userinfo\'' -l json -d 'Print one JSON document'
complete -c oauthctl -n '__oauthctl_at \'userinfo\'' -l color -x -a 'auto always never' -d 'When to use colour'
complete -c oauthctl -n '__oauthctl_at \'userinfo\'' -l quiet -d 'Print no talk, only data, warnings and errors'
complete -c oauthctl -n '__oauthctl_at \'userinfo\'' -l verbose -d 'Print more talk'
complete -c oauthctl -n '__oauthctl_at \'userinfo\'' -l no-input -d 'Never ask'
complete -c oauthctl -n '__oauthctl_at \'userinfo\'' -l help -s h -d 'Show the help'
complete -c oauthctl -n '__oauthctl_at \'refresh\'' -l profile -s p -x -a '(__oauthctl_profiles)' -d 'Profile to use (default: the current one)'
complete -c oauthctl -n '__oauthctl_at \'refresh\'' -l scope -s s -x -d 'Fewer scopes than were granted'
complete -c oauthctl -n '__oauthctl_at \'refresh\'' -l timeout -x -d 'How long a server may take to answer'
complete -c oauthctl -n '__oauthctl_at \'refresh\'' -l trace -d 'Print each exchange on stderr as it happens, secrets masked'
complete -c oauthctl -n '__oauthctl_at \'refresh\'' -l show-secrets -d 'Print secrets unmasked'
complete -c oauthctl -n '__oauthctl_at \'refresh\'' -l json -d 'Print one JSON document'
complete -c oauthctl -n '__oauthctl_at \'refresh\'' -l color -x -a 'auto always never' -d 'When to use colour'
complete -c oauthctl -n '__oauthctl_at \'refresh\'' -l quiet -d 'Print no talk, only data, warnings and errors'
complete -c oauthctl -n '__oauthctl_at \'refresh\'' -l verbose -d 'Print more talk'
complete -c oauthctl -n '__oauthctl_at \'refresh\'' -l no-input -d 'Never ask'
complete -c oauthctl -n '__oauthctl_at \'refresh\'' -l help -s h -d 'Show the help'
complete -c oauthctl -n '__oauthctl_at \'logout\'' -l profile -s p -x -a '(__oauthctl_profiles)' -d 'Profile to use (default: the current one)'
complete -c oauthctl -n '__oauthctl_at \'logout\'' -l no-browser -d 'Only print the URL that ends the session'
complete -c oauthctl -n '__oauthctl_at \'logout\'' -l timeout -x -d 'How long a server may take to answer'
complete -c oauthctl -n '__oauthctl_at \'logout\'' -l trace -d 'Print each exchange on stderr as it happens, secrets masked'
complete -c oauthctl -n '__oauthctl_at \'logout\'' -l json -d 'Print one JSON document'
complete -c oauthctl -n '__oauthctl_at \'logout\'' -l color -x -a 'auto always never' -d 'When to use colour'
complete -c oauthctl -n '__oauthctl_at \'logout\'' -l quiet -d 'Print no talk, only data, warnings and errors'
complete -c oauthctl -n '__oauthctl_at \'logout\'' -l verbose -d 'Print more talk'
complete -c oauthctl -n '__oauthctl_at \'logout\'' -l no-input -d 'Never ask'
complete -c oauthctl -n '__oauthctl_at \'logout\'' -l help -s h -d 'Show the help'
complete -c oauthctl -n '__oauthctl_at \'diagnose\'' -l format -x -d 'text, json, sarif or markdown'
complete -c oauthctl -n '__oauthctl_at \'diagnose\'' -l json -d 'Print one JSON document'
complete -c oauthctl -n '__oauthctl_at \'diagnose\'' -l fail-on -x -d 'Exit 1 from there on: error or warning'
complete -c oauthctl -n '__oauthctl_at \'diagnose\'' -l rule -x -d 'Apply this rule alone; can be repeated'
complete -c oauthctl -n '__oauthctl_at \'diagnose\'' -l ignore -x -d 'Leave this rule out; can be repeated'
complete -c oauthctl -n '__oauthctl_at \'diagnose\'' -l at -x -d 'Look at it as of then (default: the recording\'s own time)'
complete -c oauthctl -n '__oauthctl_at \'diagnose\'' -l jwks -r -F -d 'Check signatures with these keys'
complete -c oauthctl -n '__oauthctl_at \'diagnose\'' -l issuer -x -d 'The issuer that the client expects'
complete -c oauthctl -n '__oauthctl_at \'diagnose\'' -l audience -x -d 'An audience that the API goes by'
complete -c oauthctl -n '__oauthctl_at \'diagnose\'' -l alg -x -d 'An algorithm that is accepted; can be repeated'
complete -c oauthctl -n '__oauthctl_at \'diagnose\'' -l given -r -F -d 'JSON: what is known of the client and its registration'
complete -c oauthctl -n '__oauthctl_at \'diagnose\'' -l timeout -x -d 'How long a server may take to answer'
complete -c oauthctl -n '__oauthctl_at \'diagnose\'' -l color -x -a 'auto always never' -d 'When to use colour'
complete -c oauthctl -n '__oauthctl_at \'diagnose\'' -l quiet -d 'Print no talk, only data, warnings and errors'
complete -c oauthctl -n '__oauthctl_at \'diagnose\'' -l verbose -d 'Print more talk'
complete -c oauthctl -n '__oauthctl_at \'diagnose\'' -l no-input -d 'Never ask'
complete -c oauthctl -n '__oauthctl_at \'diagnose\'' -l help -s h -d 'Show the help'
complete -c oauthctl -n '__oauthctl_at \'explain\'' -l json -d 'Print one JSON document'
complete -c oauthctl -n '__oauthctl_at \'explain\'' -l color -x -a 'auto always never' -d 'When to use colour'
complete -c oauthctl -n '__oauthctl_at \'explain\'' -l quiet -d 'Print no talk, only data, warnings and errors'
complete -c oauthctl -n '__oauthctl_at \'explain\'' -l verbose -d 'Print more talk'
complete -c oauthctl -n '__oauthctl_at \'explain\'' -l no-input -d 'Never ask'
complete -c oauthctl -n '__oauthctl_at \'explain\'' -l help -s h -d 'Show the help'
complete -c oauthctl -n '__oauthctl_at \'serve\'' -l port -x -d 'Port to listen on (default: a free one)'
complete -c oauthctl -n '__oauthctl_at \'serve\'' -l host -x -d 'Host or address to listen on'
complete -c oauthctl -n '__oauthctl_at \'serve\'' -l issuer -x -d 'Issuer to speak as, behind a proxy or with a path'
complete -c oauthctl -n '__oauthctl_at \'serve\'' -l token-seconds -x -d 'How long access tokens are good for'
complete -c oauthctl -n '__oauthctl_at \'serve\'' -l client -x -d 'Further client, repeatable; see above'
complete -c oauthctl -n '__oauthctl_at \'serve\'' -l user -x -d 'Further user, repeatable; see above'
complete -c oauthctl -n '__oauthctl_at \'serve\'' -l json -d 'Print one JSON document'
complete -c oauthctl -n '__oauthctl_at \'serve\'' -l color -x -a 'auto always never' -d 'When to use colour'
complete -c oauthctl -n '__oauthctl_at \'serve\'' -l quiet -d 'Print no talk, only data, warnings and errors'
complete -c oauthctl -n '__oauthctl_at \'serve\'' -l verbose -d 'Print more talk'
complete -c oauthctl -n '__oauthctl_at \'serve\'' -l no-input -d 'Never ask'
complete -c oauthctl -n '__oauthctl_at \'serve\'' -l help -s h -d 'Show the help'
complete -c oauthctl -n '__oauthctl_at \'completions\'' -l write -x -a '(__fish_complete_directories)' -d 'Write the scripts of all shells into this folder'
complete -c oauthctl -n '__oauthctl_at \'completions\'' -l color -x -a 'auto always never' -d 'When to use colour'
complete -c oauthctl -n '__oauthctl_at \'completions\'' -l quiet -d 'Print no talk, only data, warnings and errors'
complete -c oauthctl -n '__oauthctl_at \'completions\'' -l verbose -d 'Print more talk'
complete -c oauthctl -n '__oauthctl_at \'completions\'' -l no-input -d 'Never ask'
complete -c oauthctl -n '__oauthctl_at \'completions\'' -l help -s h -d 'Show the help'
complete -c oauthctl -n '__oauthctl_at \'completions\' 0' -a 'bash zsh fish powershell'
complete -c oauthctl -n '__oauthctl_at \'profile\' 0' -a 'list' -d 'List the profiles, the current one marked'
complete -c oauthctl -n '__oauthctl_at \'profile\' 0' -a 'show' -d 'Show everything about a profile but its secrets'
complete -c oauthctl -n '__oauthctl_at \'profile\' 0' -a 'use' -d 'Make a profile the current one'
complete -c oauthctl -n '__oauthctl_at \'profile\' 0' -a 'delete' -d 'Delete a profile, its tokens and its client secret'
complete -c oauthctl -n '__oauthctl_at \'profile\'' -l color -x -a 'auto always never' -d 'When to use colour'
complete -c oauthctl -n '__oauthctl_at \'profile\'' -l quiet -d 'Print no talk, only data, warnings and errors'
complete -c oauthctl -n '__oauthctl_at \'profile\'' -l verbose -d 'Print more talk'
complete -c oauthctl -n '__oauthctl_at \'profile\'' -l no-input -d 'Never ask'
complete -c oauthctl -n '__oauthctl_at \'profile\'' -l help -s h -d 'Show the help'
complete -c oauthctl -n '__oauthctl_at \'profile list\'' -l at -x -d 'Look at it as of then: 2026-01-31T12:00:00Z, 2026-01-31 or 1767225600 (default: now)'
complete -c oauthctl -n '__oauthctl_at \'profile list\'' -l json -d 'Print one JSON document'
complete -c oauthctl -n '__oauthctl_at \'profile list\'' -l color -x -a 'auto always never' -d 'When to use colour'
complete -c oauthctl -n '__oauthctl_at \'profile list\'' -l quiet -d 'Print no talk, only data, warnings and errors'
complete -c oauthctl -n '__oauthctl_at \'profile list\'' -l verbose -d 'Print more talk'
complete -c oauthctl -n '__oauthctl_at \'profile list\'' -l no-input -d 'Never ask'
complete -c oauthctl -n '__oauthctl_at \'profile list\'' -l help -s h -d 'Show the help'
complete -c oauthctl -n '__oauthctl_at \'profile show\'' -l at -x -d 'Look at it as of then: 2026-01-31T12:00:00Z, 2026-01-31 or 1767225600 (default: now)'
complete -c oauthctl -n '__oauthctl_at \'profile show\'' -l json -d 'Print one JSON document'
complete -c oauthctl -n '__oauthctl_at \'profile show\'' -l color -x -a 'auto always never' -d 'When to use colour'
complete -c oauthctl -n '__oauthctl_at \'profile show\'' -l quiet -d 'Print no talk, only data, warnings and errors'
complete -c oauthctl -n '__oauthctl_at \'profile show\'' -l verbose -d 'Print more talk'
complete -c oauthctl -n '__oauthctl_at \'profile show\'' -l no-input -d 'Never ask'
complete -c oauthctl -n '__oauthctl_at \'profile show\'' -l help -s h -d 'Show the help'
complete -c oauthctl -n '__oauthctl_at \'profile show\' 0' -a '(__oauthctl_profiles)'
complete -c oauthctl -n '__oauthctl_at \'profile use\'' -l color -x -a 'auto always never' -d 'When to use colour'
complete -c oauthctl -n '__oauthctl_at \'profile use\'' -l quiet -d 'Print no talk, only data, warnings and errors'
complete -c oauthctl -n '__oauthctl_at \'profile use\'' -l verbose -d 'Print more talk'
complete -c oauthctl -n '__oauthctl_at \'profile use\'' -l no-input -d 'Never ask'
complete -c oauthctl -n '__oauthctl_at \'profile use\'' -l help -s h -d 'Show the help'
complete -c oauthctl -n '__oauthctl_at \'profile use\' 0' -a '(__oauthctl_profiles)'
complete -c oauthctl -n '__oauthctl_at \'profile delete\'' -l yes -s y -d 'Don\'t ask'
complete -c oauthctl -n '__oauthctl_at \'profile delete\'' -l color -x -a 'auto always never' -d 'When to use colour'
complete -c oauthctl -n '__oauthctl_at \'profile delete\'' -l quiet -d 'Print no talk, only data, warnings and errors'
complete -c oauthctl -n '__oauthctl_at \'profile delete\'' -l verbose -d 'Print more talk'
complete -c oauthctl -n '__oauthctl_at \'profile delete\'' -l no-input -d 'Never ask'
complete -c oauthctl -n '__oauthctl_at \'profile delete\'' -l help -s h -d 'Show the help'
complete -c oauthctl -n '__oauthctl_at \'profile delete\' 0' -a '(__oauthctl_profiles)'
complete -c oauthctl -n '__oauthctl_at \'trace\' 0' -a 'list' -d 'List the recordings, the latest first'
complete -c oauthctl -n '__oauthctl_at \'trace\' 0' -a 'show' -d 'Show a recording as a diagram and message by message'
complete -c oauthctl -n '__oauthctl_at \'trace\' 0' -a 'export' -d 'Write a recording as HTML, Mermaid, Markdown and more'
complete -c oauthctl -n '__oauthctl_at \'trace\'' -l color -x -a 'auto always never' -d 'When to use colour'
complete -c oauthctl -n '__oauthctl_at \'trace\'' -l quiet -d 'Print no talk, only data, warnings and errors'
complete -c oauthctl -n '__oauthctl_at \'trace\'' -l verbose -d 'Print more talk'
complete -c oauthctl -n '__oauthctl_at \'trace\'' -l no-input -d 'Never ask'
complete -c oauthctl -n '__oauthctl_at \'trace\'' -l help -s h -d 'Show the help'
complete -c oauthctl -n '__oauthctl_at \'trace list\'' -l json -d 'Print one JSON document'
complete -c oauthctl -n '__oauthctl_at \'trace list\'' -l color -x -a 'auto always never' -d 'When to use colour'
complete -c oauthctl -n '__oauthctl_at \'trace list\'' -l quiet -d 'Print no talk, only data, warnings and errors'
complete -c oauthctl -n '__oauthctl_at \'trace list\'' -l verbose -d 'Print more talk'
complete -c oauthctl -n '__oauthctl_at \'trace list\'' -l no-input -d 'Never ask'
complete -c oauthctl -n '__oauthctl_at \'trace list\'' -l help -s h -d 'Show the help'
complete -c oauthctl -n '__oauthctl_at \'trace show\'' -l exchange -s x -x -d 'Show this exchange alone (default: all)'
complete -c oauthctl -n '__oauthctl_at \'trace show\'' -l json -d 'Print one JSON document'
complete -c oauthctl -n '__oauthctl_at \'trace show\'' -l show-secrets -d 'Print secrets unmasked'
complete -c oauthctl -n '__oauthctl_at \'trace show\'' -l color -x -a 'auto always never' -d 'When to use colour'
complete -c oauthctl -n '__oauthctl_at \'trace show\'' -l quiet -d 'Print no talk, only data, warnings and errors'
complete -c oauthctl -n '__oauthctl_at \'trace show\'' -l verbose -d 'Print more talk'
complete -c oauthctl -n '__oauthctl_at \'trace show\'' -l no-input -d 'Never ask'
complete -c oauthctl -n '__oauthctl_at \'trace show\'' -l help -s h -d 'Show the help'
complete -c oauthctl -n '__oauthctl_at \'trace show\' 0' -F
complete -c oauthctl -n '__oauthctl_at \'trace export\'' -l format -x -d 'html, mermaid, markdown, json, har or curl (default: by the file\'s ending)'
complete -c oauthctl -n '__oauthctl_at \'trace export\'' -l output -s o -r -F -d 'Write it there; `-` is stdout'
complete -c oauthctl -n '__oauthctl_at \'trace export\'' -l color -x -a 'auto always never' -d 'When to use colour'
complete -c oauthctl -n '__oauthctl_at \'trace export\'' -l quiet -d 'Print no talk, only data, warnings and errors'
complete -c oauthctl -n '__oauthctl_at \'trace export\'' -l verbose -d 'Print more talk'
complete -c oauthctl -n '__oauthctl_at \'trace export\'' -l no-input -d 'Never ask'
complete -c oauthctl -n '__oauthctl_at \'trace export\'' -l help -s h -d 'Show the help'
complete -c oauthctl -n '__oauthctl_at \'trace export\' 0' -F
