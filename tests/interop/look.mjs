// Looks at files in headless Chromium. The order comes as JSON on standard input, with program (Chromium's path), width, height, theme
// (light or dark), scripts (whether they run) and steps: {open: file}, {visit: url}, {press: key}, {click: selector}, {media: print},
// {script: file}, {shot: file}, {pdf: file}, {aria: selector} or {ask: expression}. To standard output goes {answers, trouble, requests}:
// what was asked, whatever the console, the policy or a script complained of, and the address of every request but those for the files.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--disable-quic', '--no-first-run', '--no-proxy-server',
];

const order = JSON.parse(await text(process.stdin));
const opened = new Set();
const trouble = [];
const requests = [];
const answers = [];

const open = async (page, file) => {
  const address = pathToFileURL(file).href;
  opened.add(address);
  await page.goto(address, { waitUntil: 'load' });
};

const take = async (page, step) => {
  if (step.open) await open(page, step.open);
  if (step.visit) await page.goto(step.visit, { waitUntil: 'load' });
  if (step.press) await page.keyboard.press(step.press);
  if (step.click) await page.locator(step.click).first().click();
  if (step.media) await page.emulateMedia({ media: step.media });
  if (step.script) await page.addScriptTag({ path: step.script });
  if (step.shot) await page.screenshot({ path: step.shot, fullPage: Boolean(step.full) });
  if (step.pdf) await page.pdf({ path: step.pdf, format: 'A4', printBackground: true });
  if (step.aria) answers.push(await page.locator(step.aria).first().ariaSnapshot());
  if (step.ask) answers.push((await page.evaluate(step.ask)) ?? null);
};

const profile = await mkdtemp(path.join(tmpdir(), 'chromium-'));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: order.program, args: ARGUMENTS, headless: true, timeout: 30000,
  viewport: { width: order.width, height: order.height }, colorScheme: order.theme, javaScriptEnabled: order.scripts !== false,
  reducedMotion: 'reduce',
});
try {
  const page = context.pages()[0] ?? (await context.newPage());
  page.setDefaultTimeout(15000);
  page.on('console', (message) => trouble.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => trouble.push(`script: ${error.message}`));
  page.on('dialog', (dialog) => { trouble.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  context.on('request', (request) => { if (!opened.has(request.url())) requests.push(request.url()); });
  context.on('page', (other) => trouble.push(`a page opened: ${other.url()}`));
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  for (const step of order.steps) await take(page, step);
  process.stdout.write(JSON.stringify({ answers, trouble, requests }));
} finally {
  await context.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
}
