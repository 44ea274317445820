// Looks at files and pages. An order has width, height, theme (light or dark), scripts (whether they run) and steps: {open: file},
// {visit: url}, {press: key}, {click: selector}, {media: print}, {script: file}, {shot: file}, {pdf: file}, {aria: selector} or
// {ask: expression}. What comes of it is {answers, trouble, requests}: what was asked, whatever the console, the policy or a script
// complained of, and the address of every request but those for the files.
import { pathToFileURL } from 'node:url';

const open = async (page, file, told) => {
  const address = pathToFileURL(file).href;
  told.opened.add(address);
  await page.goto(address, { waitUntil: 'load' });
};

const take = async (page, step, told) => {
  if (step.open) await open(page, step.open, told);
  if (step.visit) await page.goto(step.visit, { waitUntil: 'load' });
  if (step.press) await page.keyboard.press(step.press);
  if (step.click) await page.locator(step.click).first().click();
  if (step.media) await page.emulateMedia({ media: step.media });
  if (step.script) await page.addScriptTag({ path: step.script });
  if (step.shot) await page.screenshot({ path: step.shot, fullPage: Boolean(step.full) });
  if (step.pdf) await page.pdf({ path: step.pdf, format: 'A4', printBackground: true });
  if (step.aria) told.answers.push(await page.locator(step.aria).first().ariaSnapshot());
  if (step.ask) told.answers.push((await page.evaluate(step.ask)) ?? null);
};

const listen = (context, page, { opened, trouble, requests }) => {
  page.on('console', (message) => trouble.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => trouble.push(`script: ${error.message}`));
  page.on('dialog', (dialog) => { trouble.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  context.on('request', (request) => { if (!opened.has(request.url())) requests.push(request.url()); });
  context.on('page', (other) => trouble.push(`a page opened: ${other.url()}`));
};

export const look = async (browser, order) => {
  const context = await browser.newContext({
    viewport: { width: order.width, height: order.height }, colorScheme: order.theme, javaScriptEnabled: order.scripts,
    reducedMotion: 'reduce',
  });
  const told = { answers: [], trouble: [], requests: [], opened: new Set() };
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(15000);
    listen(context, page, told);
    await page.addInitScript(() => {
      addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
    });
    for (const step of order.steps) await take(page, step, told);
    return { answers: told.answers, trouble: told.trouble, requests: told.requests };
  } finally {
    await context.close();
  }
};
