// npm's oauth4webapi as a client of the practice provider: node oauth4webapi.mjs, then the protocol of ../foreign.py on stdin and stdout.
import { createInterface } from 'node:readline';
import * as oauth from 'oauth4webapi';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async () => (await lines.next()).value;
const order = JSON.parse(await next());
const open = async (url) => { console.log(`OPEN ${url.href ?? url}`); return new URL(await next()); };
const http = { [oauth.allowInsecureRequests]: true };
const issuer = new URL(order.issuer);
const resource = new URL(`${order.issuer}/api/items`);
const importKey = (jwk) => crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);

// From the API's refusal to its metadata (RFC 9728), and from there to the server's (RFC 8414).
const api = await oauth.processResourceDiscoveryResponse(resource, await oauth.resourceDiscoveryRequest(resource, http));
const algorithm = order.algorithm ?? 'oauth2';
const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(new URL(api.authorization_servers[0]), { algorithm, ...http }));
const client = order.method ? { client_id: order.client_id } : { client_id: order.client_id, token_endpoint_auth_method: 'none' };
const proof = order.method === 'private_key_jwt' ? oauth.PrivateKeyJwt({ key: await importKey(order.key), kid: order.key.kid })
  : order.method === 'client_secret_basic' ? oauth.ClientSecretBasic(order.secret) : oauth.None();
const DPoP = order.dpop ? oauth.DPoP(client, await oauth.generateKeyPair('ES256')) : undefined;
const options = { DPoP, ...http };

// A nonce comes with a refusal: the same request is sent once more, with the nonce that the handle has kept.
const again = async (ask) => ask().catch((error) => { if (oauth.isDPoPNonceError(error)) return ask(); throw error; });

const signIn = async () => {
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  const parameters = new URLSearchParams({
    client_id: client.client_id, redirect_uri: order.redirect_uri, response_type: 'code', scope: 'openid profile items.read offline_access', state, nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', resource: `${order.issuer}/api`,
  });
  const url = new URL(as.authorization_endpoint);
  if (order.par) {
    const pushed = await again(async () => oauth.processPushedAuthorizationResponse(as, client,
      await oauth.pushedAuthorizationRequest(as, client, proof, parameters, options)));
    url.search = new URLSearchParams({ client_id: client.client_id, request_uri: pushed.request_uri });
  } else {
    url.search = parameters;
  }
  const answer = oauth.validateAuthResponse(as, client, await open(url), state);
  return again(async () => oauth.processAuthorizationCodeResponse(as, client,
    await oauth.authorizationCodeGrantRequest(as, client, proof, answer, order.redirect_uri, verifier, options), { expectedNonce: nonce, requireIdToken: true }));
};

const tokens = await signIn();
const { sub } = oauth.getValidatedIdTokenClaims(tokens);
const userinfo = await again(async () => oauth.processUserInfoResponse(as, client, sub, await oauth.userInfoRequest(as, client, tokens.access_token, options)));
const called = await again(() => oauth.protectedResourceRequest(tokens.access_token, 'GET', resource, undefined, null, options));
const refreshed = await again(async () => oauth.processRefreshTokenResponse(as, client,
  await oauth.refreshTokenGrantRequest(as, client, proof, tokens.refresh_token, options)));
// RFC 9068: the access token as an API would judge it.
const presented = new Request(resource, { headers: { authorization: `${order.dpop ? 'DPoP' : 'Bearer'} ${refreshed.access_token}` } });
const judged = order.dpop ? undefined : await oauth.validateJwtAccessToken(as, presented, `${order.issuer}/api`, http);
const result = { sub, name: userinfo.name, items: (await called.json()).items.length, token_type: refreshed.token_type, judged: judged?.client_id ?? null };
if (order.method) {
  const told = async () => (await oauth.processIntrospectionResponse(as, client, await oauth.introspectionRequest(as, client, proof, refreshed.access_token, http))).active;
  result.before = await told();
  await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, proof, refreshed.access_token, http));
  result.after = await told();
}
console.log(`DONE ${JSON.stringify(result)}`);
process.exit(0);
