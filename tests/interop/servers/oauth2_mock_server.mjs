// npm's `oauth2-mock-server` on loopback, one signing key: node oauth2_mock_server.mjs PORT ALG
import { OAuth2Server } from 'oauth2-mock-server';

const [port, alg] = [Number(process.argv[2]), process.argv[3]];
const server = new OAuth2Server();
await server.issuer.keys.generate(alg);
await server.start(port, '127.0.0.1');
console.log(`READY ${server.issuer.url}`);
process.on('SIGTERM', () => process.exit(0));
