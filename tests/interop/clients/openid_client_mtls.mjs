// npm's openid-client with a TLS certificate: node openid_client_mtls.mjs, then the protocol of ../foreign.py on stdin and stdout.
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { createInterface } from 'node:readline';
import * as oidc from 'openid-client';

const order = JSON.parse((await createInterface({ input: process.stdin })[Symbol.asyncIterator]().next()).value);
const pem = readFileSync(order.certificate);
const agent = (more) => new https.Agent({ ca: readFileSync(order.authority), ...more });
const certified = agent({ cert: pem, key: pem });
// Node's own fetch takes no certificate, so this stands for the dispatcher that the library's manual wants.
const fetchBy = (chosen) => (url, options) => url.startsWith('http:') ? fetch(url, options) : new Promise((resolve, reject) => {
  const headers = Object.fromEntries(new Headers(options.headers));
  const request = https.request(url, { method: options.method, headers, agent: chosen }, (answer) => {
    const chunks = [];
    answer.on('data', (chunk) => chunks.push(chunk));
    answer.on('end', () => resolve(new Response(Buffer.concat(chunks), { status: answer.statusCode, headers: answer.headers })));
  });
  request.on('error', reject);
  request.end(options.body?.toString());
});
const config = await oidc.discovery(
  new URL(order.issuer), order.client_id, { use_mtls_endpoint_aliases: true }, oidc.TlsClientAuth(),
  { execute: [oidc.allowInsecureRequests], [oidc.customFetch]: fetchBy(certified) },
);
const tokens = await oidc.clientCredentialsGrant(config, { scope: 'items.read' });
const api = new URL(config.serverMetadata().mtls_endpoint_aliases.token_endpoint.replace('/token', '/api/items'));
const bound = await oidc.fetchProtectedResource(config, tokens.access_token, api, 'GET');
config[oidc.customFetch] = fetchBy(agent({}));
const bare = await oidc.fetchProtectedResource(config, tokens.access_token, api, 'GET').then((answer) => answer.status, (error) => error.status);
console.log(`DONE ${JSON.stringify({ items: bound.status, without: bare, token: tokens.access_token })}`);
process.exit(0);
