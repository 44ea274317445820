// Walks through a server's pages. An order has url, forms ({fields, button: {name, value} or null}, in any order), screenshot and har (a
// path or null) and until (words for which the last page is waited, or null); what comes of it is the last page.
const MOST_PAGES = 12;

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

export const drive = async (browser, order) => {
  const context = await browser.newContext({ recordHar: order.har ? { path: order.har, content: 'embed' } : undefined });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(15000);
    const response = await walk(page, order);
    if (order.until) await page.getByText(order.until).first().waitFor();
    if (order.screenshot) await page.screenshot({ path: order.screenshot, fullPage: true });
    return { url: page.url(), status: response?.status() ?? 0, html: await page.content(), text: await page.innerText('body') };
  } finally {
    await context.close();
  }
};
