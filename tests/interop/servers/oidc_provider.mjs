// The certified provider `oidc-provider` on loopback, everything in memory: node oidc_provider.mjs PORT
// PORT is the issuer over http; PORT+1 speaks https and asks for a client certificate (RFC 8705).
// The current folder receives server.crt, mtls.crt and .key (a client's), tlsca.crt and .key (a client's, under a CA),
// client-keys.json, attester-key.json and info.json.
//   ISSUER=https   the https port is the issuer
//   INTERACT=auto  no sign-in page at all: the user is login_hint or alice. Otherwise a form; consent is given unasked.
// Any login and password will do; the login "deny" refuses. A CIBA login_hint "deny-…" is refused, others agree after 2 s.
import { execFileSync } from 'node:child_process';
import { createHash, createPublicKey, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { Provider, errors, interactionPolicy } from 'oidc-provider';

const port = Number(process.argv[2]);
const dir = process.cwd();
const mtlsBase = `https://127.0.0.1:${port + 1}`;
const notified = `https://127.0.0.1:${port + 2}/ciba`;
const issuer = process.env.ISSUER === 'https' ? mtlsBase : `http://127.0.0.1:${port}`;
const auto = process.env.INTERACT === 'auto';
const at = (f) => path.join(dir, f);
const read = (f) => readFileSync(at(f), 'utf8');

// Keys and certificates, new at each start
const cert = (name, cn) => execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
  '-nodes', '-days', '30', '-subj', `/CN=${cn}`, '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost',
  '-keyout', at(`${name}.key`), '-out', at(`${name}.crt`)], { stdio: 'ignore', timeout: 20000 });
cert('server', 'op'); cert('mtls', 'mtls-client'); cert('tlsca', 'tls-client');
const jwk = (type, opts, extra) => {
  const { privateKey } = generateKeyPairSync(type, opts);
  return { ...privateKey.export({ format: 'jwk' }), kid: randomBytes(6).toString('hex'), ...extra };
};
const pub = ({ d, p, q, dp, dq, qi, ...k }) => k;
const signing = [jwk('rsa', { modulusLength: 2048 }, { use: 'sig' }), jwk('ec', { namedCurve: 'P-256' }, { use: 'sig' }),
  jwk('ed25519', {}, { use: 'sig' }), jwk('rsa', { modulusLength: 2048 }, { use: 'enc', alg: 'RSA-OAEP-256' })];
const clientKeys = [jwk('ec', { namedCurve: 'P-256' }, { use: 'sig', alg: 'ES256' }), jwk('rsa', { modulusLength: 2048 }, { use: 'sig' }),
  jwk('ec', { namedCurve: 'P-256' }, { use: 'enc', alg: 'ECDH-ES' })];
const clientJwks = { keys: clientKeys.map(pub) };
writeFileSync(at('client-keys.json'), JSON.stringify({ keys: clientKeys }));
// Whoever has this key may vouch for the client `attested`.
const attester = jwk('ec', { namedCurve: 'P-256' }, { alg: 'ES256' });
writeFileSync(at('attester-key.json'), JSON.stringify(attester));
const mtlsCert = new X509Certificate(read('mtls.crt'));
const mtlsJwk = { ...mtlsCert.publicKey.export({ format: 'jwk' }), x5c: [mtlsCert.raw.toString('base64')] };

// Clients: all "native", so a loopback redirect URI matches with any port
const secret = 'a-development-only-secret-of-more-than-32-bytes';
const code = ['authorization_code', 'refresh_token'];
const base = {
  application_type: 'native', grant_types: code, response_types: ['code'],
  redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/callback', 'http://[::1]/callback', 'com.example.app:/callback'],
  post_logout_redirect_uris: ['http://127.0.0.1/bye'], authorization_details_types: ['payment'],
};
const nosecret = { ...base, token_endpoint_auth_method: 'none' };
const none = { redirect_uris: [], response_types: [], post_logout_redirect_uris: [] };
const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';
const CIBA = 'urn:openid:params:grant-type:ciba';
const clients = [
  { ...nosecret, client_id: 'public', grant_types: [...code, DEVICE] },
  { ...nosecret, client_id: 'public-hybrid', grant_types: [...code, 'implicit'], response_types: ['code id_token', 'code', 'id_token'] },
  { ...nosecret, client_id: 'public-dpop', dpop_bound_access_tokens: true, grant_types: [...code, DEVICE] },
  { ...nosecret, client_id: 'public-dpop-nonce', dpop_bound_access_tokens: true },
  { ...nosecret, client_id: 'public-par', require_pushed_authorization_requests: true },
  { ...nosecret, client_id: 'public-jar', request_object_signing_alg: 'ES256', require_signed_request_object: true, jwks: clientJwks },
  { ...nosecret, client_id: 'public-pairwise', subject_type: 'pairwise', redirect_uris: ['http://127.0.0.1/callback'] },
  { ...nosecret, client_id: 'public-jarm', authorization_signed_response_alg: 'ES256' },
  { ...nosecret, client_id: 'public-es256', id_token_signed_response_alg: 'ES256', userinfo_signed_response_alg: 'ES256' },
  { ...nosecret, client_id: 'public-eddsa', id_token_signed_response_alg: 'EdDSA' },
  { ...nosecret, client_id: 'public-enc', id_token_encrypted_response_alg: 'ECDH-ES', jwks: clientJwks },
  { ...base, client_id: 'basic', client_secret: secret, token_endpoint_auth_method: 'client_secret_basic', grant_types: [...code, 'client_credentials', DEVICE] },
  { ...base, client_id: 'odd: id', client_secret: `%+: ${secret}`, grant_types: [...code, 'client_credentials'] }, // RFC 6749 §2.3.1 form-encoding
  { ...base, client_id: 'post', client_secret: secret, token_endpoint_auth_method: 'client_secret_post', grant_types: [...code, 'client_credentials'] },
  { ...base, client_id: 'secret-jwt', client_secret: secret, token_endpoint_auth_method: 'client_secret_jwt', grant_types: [...code, 'client_credentials'] },
  { ...base, client_id: 'key-jwt', jwks: clientJwks, token_endpoint_auth_method: 'private_key_jwt', grant_types: [...code, 'client_credentials', CIBA], backchannel_token_delivery_mode: 'poll' },
  { ...base, client_id: 'attested', token_endpoint_auth_method: 'attest_jwt_client_auth', grant_types: [...code, 'client_credentials'] },
  { ...base, client_id: 'mtls', jwks: { keys: [mtlsJwk] }, token_endpoint_auth_method: 'self_signed_tls_client_auth', tls_client_certificate_bound_access_tokens: true, grant_types: [...code, 'client_credentials'] },
  { ...base, client_id: 'mtls-ca', tls_client_auth_subject_dn: 'CN=tls-client', token_endpoint_auth_method: 'tls_client_auth', tls_client_certificate_bound_access_tokens: true, grant_types: [...code, 'client_credentials'] },
  { ...none, client_id: 'ciba-ping', client_secret: secret, grant_types: [CIBA], backchannel_token_delivery_mode: 'ping', backchannel_client_notification_endpoint: notified },
  { ...none, client_id: 'ciba', client_secret: secret, grant_types: [CIBA, 'refresh_token'], backchannel_token_delivery_mode: 'poll' },
  { ...none, client_id: 'resource-server', client_secret: secret, grant_types: [], introspection_signed_response_alg: 'RS256' },
];

// Protected resources: some get JWT access tokens (RFC 9068), any other loopback URL gets opaque ones
const resources = { 'urn:example:jwt': 'jwt', 'urn:example:opaque': 'opaque', [`${issuer}/api`]: 'jwt' };
const formatOf = (id) => resources[id] ?? (/^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/.test(id) ? 'opaque' : undefined);
const claims = (sub) => ({ sub, name: `User ${sub}`, preferred_username: sub, email: `${sub}@example.test`, email_verified: true });
const peer = (ctx) => ctx.req.socket.getPeerCertificate?.(true);
const keepRar = (_c, x) => x?.rar ?? x?.authorizationDetails;
let op;
const grantAll = async (accountId, clientId, { scope = '', resource, claims: c, authorization_details: rar }) => {
  const g = new op.Grant({ accountId, clientId });
  g.addOIDCScope(scope.split(' ').filter(Boolean).join(' ') || 'openid');
  if (c) g.addOIDCClaims(Object.values(JSON.parse(c)).flatMap((o) => Object.keys(o)));
  for (const r of [resource].flat().filter(Boolean)) g.addResourceScope(r, scope || 'read');
  for (const d of rar ? JSON.parse(rar) : []) g.addRar(d);
  return g.save();
};
const policy = interactionPolicy.base();
const loopbackTls = (u) => { const { protocol, hostname } = new URL(u); return protocol === 'https:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname); };
const getInsecure = (u, o) => new Promise((res, rej) => https.get(u, { rejectUnauthorized: false, headers: Object.fromEntries(new Headers(o?.headers)) }, async (r) => {
  const chunks = []; for await (const c of r) chunks.push(c);
  res(new Response(Buffer.concat(chunks), { status: r.statusCode, headers: { 'content-type': r.headers['content-type'] ?? 'application/json' } }));
}).on('error', rej));
const cimd = `${mtlsBase}/client.json`;

op = new Provider(issuer, {
  clients,
  jwks: { keys: signing },
  cookies: { keys: [randomBytes(16).toString('hex')] },
  scopes: ['openid', 'offline_access', 'profile', 'email', 'read', 'write'],
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
  responseTypes: ['code', 'id_token', 'code id_token', 'none'],
  clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt', 'self_signed_tls_client_auth', 'tls_client_auth', 'attest_jwt_client_auth'],
  clientBasedCORS: () => true,
  // A client's notification endpoint has to be https; this stands for the TLS proxy that its owner would put in front of it.
  fetch: (url, o) => (String(url) === notified ? fetch(notified.replace('https:', 'http:'), { ...o, dispatcher: undefined }) : loopbackTls(url) ? getInsecure(url, o) : fetch(url, o)), // self-signed loopback client metadata documents
  findAccount: (_ctx, sub) => ({ accountId: sub, claims: async () => claims(sub) }),
  issueRefreshToken: async (_ctx, client, src) => client.grantTypeAllowed('refresh_token') && src.scopes.has('offline_access'),
  rotateRefreshToken: () => true,
  pkce: { required: (_ctx, client) => client.clientAuthMethod === 'none' },
  ttl: { AccessToken: 600, AuthorizationCode: 60, ClientCredentials: 600, DeviceCode: 300, IdToken: 600, RefreshToken: 86400, Grant: 86400, Interaction: 600, Session: 86400, BackchannelAuthenticationRequest: 120 },
  discovery: {
    mtls_endpoint_aliases: Object.fromEntries([['token', '/token'], ['userinfo', '/me'], ['introspection', '/token/introspection'], ['revocation', '/token/revocation'],
      ['pushed_authorization_request', '/request'], ['device_authorization', '/device/auth']].map(([k, v]) => [`${k}_endpoint`, mtlsBase + v])),
  },
  interactions: { policy, url: (_ctx, i) => `/interaction/${i.uid}` },
  subjectTypes: ['public', 'pairwise'],
  pairwiseIdentifier: async (_ctx, accountId, client) => createHash('sha256').update(`${client.sectorIdentifier}/${accountId}`).digest('hex'),
  features: {
    devInteractions: { enabled: false },
    attestClientAuth: {
      enabled: true, ack: 'draft-12', challengeSecret: randomBytes(32),
      getAttestationSignaturePublicKey: async () => createPublicKey({ key: pub(attester), format: 'jwk' }),
      assertAttestationJwtAndPop: async () => {},
    },
    backchannelLogout: { enabled: true },
    claimsParameter: { enabled: true },
    clientCredentials: { enabled: true },
    clientIdMetadataDocument: { enabled: true, ack: 'draft-02' },
    deviceFlow: { enabled: true },
    dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: (ctx) => ctx.oidc.client?.clientId === 'public-dpop-nonce' },
    encryption: { enabled: true },
    introspection: { enabled: true },
    jwtIntrospection: { enabled: true },
    jwtResponseModes: { enabled: true },
    jwtUserinfo: { enabled: true },
    pushedAuthorizationRequests: { enabled: true, allowUnregisteredRedirectUris: true },
    registration: { enabled: true, initialAccessToken: false },
    registrationManagement: { enabled: true, rotateRegistrationAccessToken: true },
    requestObjects: { enabled: true },
    revocation: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (_ctx, _client, oneOf) => oneOf,
      useGrantedResource: () => true,
      getResourceServerInfo: (_ctx, id) => {
        const format = formatOf(id);
        if (!format) throw new errors.InvalidTarget();
        return { scope: 'read write', audience: id, accessTokenFormat: format, accessTokenTTL: 600, ...(format === 'jwt' && { jwt: { sign: { alg: 'RS256' } } }) };
      },
    },
    richAuthorizationRequests: {
      enabled: true,
      types: { payment: { validate: (_ctx, d) => { if (!d.amount) throw new errors.InvalidAuthorizationDetails('amount is missing'); } } },
      authorizationDetailsForGrantSource: (ctx) => ctx.oidc.params.authorization_details && JSON.parse(ctx.oidc.params.authorization_details),
      authorizationDetailsForAccessToken: (_ctx, _token, source) => source?.rar,
      authorizationDetailsForIntrospection: keepRar,
    },
    mTLS: {
      enabled: true, certificateBoundAccessTokens: true, selfSignedTlsClientAuth: true, tlsClientAuth: true,
      getCertificate: (ctx) => { const c = peer(ctx); return c?.raw ? new X509Certificate(c.raw) : undefined; },
      certificateAuthorized: (ctx) => ctx.req.socket.authorized === true,
      certificateSubjectMatches: (ctx, prop, want) => prop === 'tls_client_auth_subject_dn' && want === `CN=${peer(ctx).subject.CN}`,
    },
    ciba: {
      enabled: true, deliveryModes: ['poll', 'ping'],
      processLoginHint: async (_ctx, hint) => hint,
      processLoginHintToken: async () => undefined,
      validateRequestContext: async () => {},
      verifyUserCode: async () => {},
      triggerAuthenticationDevice: async (ctx, req, account, client) => {
        const params = { ...ctx.oidc.params };
        setTimeout(async () => {
          if (account.accountId.startsWith('deny')) return op.backchannelResult(req.jti, new errors.AccessDenied());
          return op.backchannelResult(req.jti, await grantAll(account.accountId, client.clientId, params), { acr: undefined });
        }, 2000).unref();
      },
    },
  },
});
if (process.env.DEBUG) for (const e of ['server_error', 'grant.error', 'authorization.error', 'introspection.error', 'registration_create.error']) op.on(e, (ctx, err) => console.error(e, err.error_detail ?? err.stack));

// The login form, then consent without asking
const body = async (req) => { let s = ''; for await (const c of req) s += c; return new URLSearchParams(s); };
const interact = async (req, res) => {
  const { prompt, params, session, grantId, uid } = await op.interactionDetails(req, res);
  if (prompt.name === 'login') {
    if (req.method !== 'POST' && !auto) {
      res.setHeader('content-type', 'text/html');
      return res.end(`<!doctype html><form method="post" action="/interaction/${uid}"><input name="login" value=""><input name="password" type="password"><button>Sign in</button></form>`);
    }
    const login = auto ? params.login_hint || 'alice' : (await body(req)).get('login');
    const result = !login || login === 'deny' ? { error: 'access_denied', error_description: 'End-User aborted interaction' } : { login: { accountId: login, amr: ['pwd'] } };
    return op.interactionFinished(req, res, result, { mergeWithLastSubmission: false });
  }
  const d = prompt.details;
  const grant = (grantId && await op.Grant.find(grantId)) || new op.Grant({ accountId: session.accountId, clientId: params.client_id });
  if (d.missingOIDCScope) grant.addOIDCScope(d.missingOIDCScope.join(' '));
  if (d.missingOIDCClaims) grant.addOIDCClaims(d.missingOIDCClaims);
  for (const [r, s] of Object.entries(d.missingResourceScopes ?? {})) grant.addResourceScope(r, s.join(' '));
  for (const x of d.rar ?? []) grant.addRar(x);
  return op.interactionFinished(req, res, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
};
const callback = op.callback();
const handler = (req, res) => {
  if (req.url === '/client.json') { // a sample client ID metadata document: client_id = https://127.0.0.1:<port+1>/client.json
    res.setHeader('content-type', 'application/json');
    return res.end(JSON.stringify({ ...nosecret, post_logout_redirect_uris: undefined, client_id: cimd, client_name: 'CIMD sample' }));
  }
  if (!req.url.startsWith('/interaction/')) {
    return callback(req, res);
  }
  return interact(req, res).catch((e) => { res.statusCode = 500; res.end(String(e?.error_description ?? e)); });
};
const tls = { key: read('server.key'), cert: read('server.crt'), ca: [read('tlsca.crt')], requestCert: true, rejectUnauthorized: false };
https.createServer(tls, handler).listen(port + 1, '127.0.0.1', () => http.createServer(handler).listen(port, '127.0.0.1', () => {
  writeFileSync(at('info.json'), JSON.stringify({ issuer, mtlsBase, secret, clients: [...clients.map((c) => c.client_id), cimd], resources: Object.keys(resources) }));
  console.log(`READY ${issuer}`);
}));
process.on('SIGTERM', () => process.exit(0));
