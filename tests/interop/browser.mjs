// Keeps one headless Chromium, whose path is the argument, since starting it takes longer than most visits. Each line of standard input is
// an order in JSON, with kind (drive or look) and what that asks for; each is answered by a line, {done} or {failed}. Every visit has a
// context of its own, so that no cookie and nothing stored outlives it. It ends with its input.
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';
import { drive } from './drive.mjs';
import { look } from './look.mjs';

const KINDS = { drive, look };
const ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--disable-quic', '--no-first-run', '--no-proxy-server',
];

let browser;

const carriedOut = async ({ kind, ...order }) => {
  try {
    browser ??= await chromium.launch({ executablePath: process.argv[2], args: ARGUMENTS, headless: true, timeout: 30000 });
    return { done: await KINDS[kind](browser, order) };
  } catch (error) {
    return { failed: error.stack };
  }
};

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await carriedOut(JSON.parse(line)))}\n`);
}
await browser?.close();
