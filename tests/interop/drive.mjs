// Walks through a server's pages with headless Chromium. The order comes as JSON on standard input, with url, program
// (Chromium's path), forms ({fields, button: {name, value} or null}, in any order), screenshot and har (a path or null)
// and until (words for which the last page is waited, or null); the last page goes to standard output.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { chromium } from 'playwright-core';

const MOST_PAGES = 12;
const ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--disable-quic', '--no-first-run', '--no-proxy-server',
];

const fits = async (form, wanted) => {
  for (const name of Object.keys(wanted.fields)) {
    if (!(await form.locator(`[name=${JSON.stringify(name)}]`).count())) return false;
  }
  return (await button(form, wanted).count()) > 0;
};

const button = (form, { button: wanted }) => {
  const any = form.locator('button:not([type=button]):not([type=reset]), input[type=submit]');
  if (!wanted) return any;
  const named = wanted.name ? `[name=${JSON.stringify(wanted.name)}]` : ':not([name])';
  const valued = wanted.value === null ? '' : `[value=${JSON.stringify(wanted.value)}]`;
  return form.locator(`button${named}${valued}, input[type=submit]${named}${valued}`);
};

const fill = async (form, fields) => {
  for (const [name, value] of Object.entries(fields)) {
    const control = form.locator(`[name=${JSON.stringify(name)}]`).first();
    if (await control.isVisible()) await control.fill(value);
  }
};

const submitNext = async (page, forms) => {
  for (const wanted of forms) {
    for (const form of await page.locator('form').all()) {
      if (!(await fits(form, wanted))) continue;
      await fill(form, wanted.fields);
      const answered = page.waitForNavigation({ waitUntil: 'load' });
      await button(form, wanted).first().click();
      return answered;
    }
  }
  return null;
};

const walk = async (page, order) => {
  let response = await page.goto(order.url, { waitUntil: 'load' });
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const next = await submitNext(page, order.forms);
    if (next === null) return response;
    response = next;
  }
  throw new Error(`the pages go in circles: after ${MOST_PAGES} forms at ${page.url()}`);
};

const order = JSON.parse(await text(process.stdin));
const profile = await mkdtemp(path.join(tmpdir(), 'chromium-'));
const recordHar = order.har ? { path: order.har, content: 'embed' } : undefined;
const options = { executablePath: order.program, args: ARGUMENTS, headless: true, timeout: 30000, recordHar };
const context = await chromium.launchPersistentContext(profile, options);
try {
  const page = context.pages()[0] ?? (await context.newPage());
  page.setDefaultTimeout(15000);
  const response = await walk(page, order);
  if (order.until) await page.getByText(order.until).first().waitFor();
  if (order.screenshot) await page.screenshot({ path: order.screenshot, fullPage: true });
  const last = { url: page.url(), status: response?.status() ?? 0, html: await page.content(), text: await page.innerText('body') };
  process.stdout.write(JSON.stringify(last));
} finally {
  await context.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
}
