// npm's openid-client as a client of the practice provider: node openid_client.mjs, then the protocol of ../foreign.py on stdin and stdout.
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import * as oidc from 'openid-client';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async () => (await lines.next()).value;
const order = JSON.parse(await next());
const open = async (url) => { console.log(`OPEN ${url.href ?? url}`); return new URL(await next()); };
const insecure = { execute: [oidc.allowInsecureRequests] };
const importKey = (jwk) => crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
const proofOf = {
  none: async () => oidc.None(),
  client_secret_basic: async () => oidc.ClientSecretBasic(order.secret),
  client_secret_post: async () => oidc.ClientSecretPost(order.secret),
  client_secret_jwt: async () => oidc.ClientSecretJwt(order.secret),
  private_key_jwt: async () => oidc.PrivateKeyJwt({ key: await importKey(order.key), kid: order.key.kid }),
};
const proof = await proofOf[order.method ?? 'none']();
const config = order.register
  ? await oidc.dynamicClientRegistration(new URL(order.issuer), order.register, proof, insecure)
  : await oidc.discovery(new URL(order.issuer), order.client_id, order.metadata, proof, insecure);
const DPoP = order.dpop ? oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256')) : undefined;
const scope = order.scope ?? 'openid profile email items.read offline_access';

// The library makes request objects and leaves it to its user where they can be fetched.
const byReference = async (url) => {
  const body = url.searchParams.get('request');
  const place = new URL(order.request_uri);
  createServer((_, answer) => answer.writeHead(200, { 'content-type': order.content_type ?? 'application/oauth-authz-req+jwt' }).end(body)).listen(place.port, place.hostname);
  url.searchParams.delete('request');
  url.searchParams.set('request_uri', place.href);
  return url;
};

const signIn = async () => {
  if (order.jarm) oidc.useJwtResponseMode(config);
  const verifier = oidc.randomPKCECodeVerifier();
  const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
  const parameters = {
    redirect_uri: order.redirect_uri, scope, state, nonce, ...order.parameters,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  };
  const url = order.par ? await oidc.buildAuthorizationUrlWithPAR(config, parameters, { DPoP })
    : order.jar ? await oidc.buildAuthorizationUrlWithJAR(config, parameters, { key: await importKey(order.key), kid: order.key.kid })
    : oidc.buildAuthorizationUrl(config, parameters);
  const back = await open(order.request_uri ? await byReference(url) : url);
  return oidc.authorizationCodeGrant(config, back, { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true }, undefined, { DPoP });
};

// Tokens by the browser: an ID token alone, beside a code, or as FAPI 1.0 wants it, with the state's hash.
const byBrowser = {
  id_token: [oidc.useIdTokenResponseType],
  'code id_token': [oidc.useCodeIdTokenResponseType],
  detached: [oidc.useCodeIdTokenResponseType, oidc.enableDetachedSignatureResponseChecks],
};

const flows = {
  async implicit() {
    for (const use of byBrowser[order.response_type]) use(config);
    const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
    const back = await open(oidc.buildAuthorizationUrl(config, { redirect_uri: order.redirect_uri, scope, state, nonce }));
    const claims = await oidc.implicitAuthentication(config, back, nonce, { expectedState: state });
    return { sub: claims.sub, brought: [...new URLSearchParams(back.hash.slice(1)).keys()].sort() };
  },
  async hybrid() {
    for (const use of byBrowser[order.response_type]) use(config);
    const tokens = await signIn();
    const userinfo = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
    return { sub: tokens.claims().sub, email: userinfo.email, token_type: tokens.token_type };
  },
  async code() {
    const tokens = await signIn();
    const { sub } = tokens.claims();
    const userinfo = await oidc.fetchUserInfo(config, tokens.access_token, sub, { DPoP });
    const items = await oidc.fetchProtectedResource(config, tokens.access_token, new URL(`${order.issuer}/api/items`), 'GET', undefined, undefined, { DPoP });
    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP });
    const result = { sub, email: userinfo.email, items: items.status, token_type: tokens.token_type, refreshed: refreshed.access_token !== tokens.access_token };
    if (proof && order.method && order.method !== 'none') {
      result.before = (await oidc.tokenIntrospection(config, refreshed.access_token)).active;
      await oidc.tokenRevocation(config, refreshed.access_token);
      result.after = (await oidc.tokenIntrospection(config, refreshed.access_token)).active;
    }
    await oidc.tokenRevocation(config, refreshed.refresh_token);
    const gone = await oidc.refreshTokenGrant(config, refreshed.refresh_token, undefined, { DPoP }).catch((error) => error.error);
    const out = await open(oidc.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: order.redirect_uri, state: 'bye' }));
    return { ...result, gone, farewell: out.searchParams.get('state') };
  },
  async device() {
    const asked = await oidc.initiateDeviceAuthorization(config, { scope });
    console.log(`CODE ${asked.verification_uri} ${asked.user_code}`);
    const tokens = await oidc.pollDeviceAuthorizationGrant(config, asked, undefined, { DPoP });
    return { sub: tokens.claims().sub, token_type: tokens.token_type };
  },
  async ciba() {
    const asked = await oidc.initiateBackchannelAuthentication(config, { scope, login_hint: 'alice', binding_message: 'W4SCT' });
    console.log(`DECIDE ${order.issuer}/approvals`);
    const tokens = await oidc.pollBackchannelAuthenticationGrant(config, asked);
    return { sub: tokens.claims().sub, token_type: tokens.token_type };
  },
  // RFC 9470: the API wants a second factor, and the person signs in for it.
  async step_up() {
    const call = (tokens) => oidc.fetchProtectedResource(config, tokens.access_token, new URL(`${order.issuer}/api/safe`), 'GET');
    const challenge = await call(await signIn()).then(() => undefined, (error) => error.cause?.[0]?.parameters);
    order.parameters = { acr_values: challenge.acr_values };
    const tokens = await signIn();
    return { error: challenge.error, acr: tokens.claims().acr, safe: (await call(tokens)).status };
  },
  async subject() {
    const tokens = await signIn();
    return { sub: tokens.claims().sub, userinfo: (await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)).sub };
  },
  // A scenario of the provider: sign in and ask userinfo, again and again, whatever comes of it.
  async trial() {
    oidc.enableNonRepudiationChecks(config);
    const ends = [];
    for (let count = 0; count < order.times; count++) {
      ends.push(await flows.subject().then(() => 'ok', (error) => error.cause?.code ?? error.code ?? error.name));
    }
    return { ends };
  },
  // What is asked for in detail, an ID token that is encrypted, an introspection that is signed.
  async sealed() {
    const { kid, alg, ...jwk } = order.opening_key;
    const key = await crypto.subtle.importKey('jwk', { kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y, d: jwk.d }, { name: 'ECDH', namedCurve: jwk.crv }, false, ['deriveBits']);
    oidc.enableDecryptingResponses(config, ['A128CBC-HS256'], { key, alg, kid });
    oidc.enableNonRepudiationChecks(config);
    const tokens = await signIn();
    const told = await oidc.tokenIntrospection(config, tokens.access_token);
    return { sub: tokens.claims().sub, parts: tokens.id_token.split('.').length, details: tokens.authorization_details, active: told.active };
  },
  async rotation() {
    const tokens = await signIn();
    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token);
    const again = (token) => oidc.refreshTokenGrant(config, token).then(() => '', (error) => error.error);
    return { rotated: refreshed.refresh_token !== tokens.refresh_token, ends: [await again(tokens.refresh_token), await again(refreshed.refresh_token)] };
  },
  async service() {
    const tokens = await oidc.clientCredentialsGrant(config, { scope: 'items.read', resource: `${order.issuer}/api` }, { DPoP });
    const items = await oidc.fetchProtectedResource(config, tokens.access_token, new URL(`${order.issuer}/api/items`), 'GET', undefined, undefined, { DPoP });
    return { scope: tokens.scope, token_type: tokens.token_type, items: items.status };
  },
};
console.log(`DONE ${JSON.stringify(await flows[order.flow]())}`);
process.exit(0);
