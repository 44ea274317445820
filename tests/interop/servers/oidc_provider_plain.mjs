// `oidc-provider` as a benchmark wants it, on loopback and in memory: node oidc_provider_plain.mjs PORT
// One client, `web`, whose secret is `secret`; JWT access tokens for the resources urn:ES256 and urn:RS256, signed so.
// Without a session a form asks for a login (any name will do) and another for consent.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import http from 'node:http';
import { Provider } from 'oidc-provider';

const port = Number(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const jwk = (type, options) => generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' });
const provider = new Provider(issuer, {
  clients: [{
    client_id: 'web',
    client_secret: 'secret',
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    redirect_uris: ['http://127.0.0.1/callback'],
    token_endpoint_auth_method: 'client_secret_basic',
  }],
  jwks: { keys: [jwk('rsa', { modulusLength: 2048 }), jwk('ec', { namedCurve: 'P-256' })] },
  cookies: { keys: [randomBytes(16).toString('hex')] },
  scopes: ['openid', 'offline_access', 'profile', 'email', 'items.read'],
  findAccount: (_ctx, sub) => ({ accountId: sub, claims: async () => ({ sub }) }),
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      getResourceServerInfo: (_ctx, id) => ({
        scope: 'items.read', audience: id, accessTokenFormat: id === 'urn:opaque' ? 'opaque' : 'jwt', accessTokenTTL: 300,
        ...(id !== 'urn:opaque' && { jwt: { sign: { alg: id.slice('urn:'.length) } } }),
      }),
    },
  },
});

const body = async (req) => { let text = ''; for await (const chunk of req) text += chunk; return new URLSearchParams(text); };
const form = (uid, inner) => `<!doctype html><form method="post" action="/interaction/${uid}">${inner}<button>Go on</button></form>`;
const interact = async (req, res) => {
  const { prompt, params, session, grantId, uid } = await provider.interactionDetails(req, res);
  if (req.method !== 'POST') {
    res.setHeader('content-type', 'text/html; charset=utf-8');
    return res.end(form(uid, prompt.name === 'login' ? '<input name="login"><input name="password" type="password">' : 'Allow it?'));
  }
  if (prompt.name === 'login') {
    const result = { login: { accountId: (await body(req)).get('login') } };
    return provider.interactionFinished(req, res, result, { mergeWithLastSubmission: false });
  }
  const grant = (grantId && await provider.Grant.find(grantId)) || new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope((prompt.details.missingOIDCScope ?? []).join(' '));
  for (const [resource, scopes] of Object.entries(prompt.details.missingResourceScopes ?? {})) grant.addResourceScope(resource, scopes.join(' '));
  return provider.interactionFinished(req, res, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
};
const callback = provider.callback();
const handler = (req, res) => (req.url.startsWith('/interaction/')
  ? interact(req, res).catch((error) => { res.statusCode = 500; res.end(String(error?.error_description ?? error)); })
  : callback(req, res));
http.createServer(handler).listen(port, '127.0.0.1', () => console.log(`READY ${issuer}`));
process.on('SIGTERM', () => process.exit(0));
