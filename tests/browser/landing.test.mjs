// From a share link to both members' points, in a real browser.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { SECRET_KEY, startStack } from '../node/stack.mjs';
import { DESKTOP, PHONE, SMALL_PHONE, assertAccessible, screenshot, startBrowser, visitor } from './browser.mjs';
import { openShop } from './shop.mjs';

const LANGUAGES = { en: 'en-GB', de: 'de-DE', fr: 'fr-FR', es: 'es-ES' };
const COOKIE = '__Host-laurel_ref';

let stack;
let shop;
let browser;
let anna;
let bob;

async function call(method, path, body) {
  const answer = await fetch(stack.baseUrl + path, {
    method,
    headers: { 'X-Api-Key': SECRET_KEY, 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  const value = await answer.json();
  assert.ok(answer.ok, `${method} ${path}: ${JSON.stringify(value)}`);
  return value;
}

/** A member with a code of their own; answers the referral. */
async function mint(customer, name) {
  const account = { customer, metadata: { name } };
  const { id } = await call('POST', '/v1/loyalty/accounts', account);
  return call('POST', '/v1/loyalty/referrals', { referrer: id });
}

before(async () => {
  stack = await startStack();
  shop = await openShop({ laurel: stack.baseUrl, key: SECRET_KEY });
  browser = await startBrowser();
  await call('POST', '/v1/loyalty/programs/prog_default', {
    name: 'Perks',
    auto_enroll: true,
    signup_url: `${shop.url}/signup?from=friends`,
    reward: { referrer: { points: 500 }, referee: { points: 250 } },
    qualify: { firstPaymentMinimum: 2000, windowDays: 30 },
    landing: { accent_color: '#0b6e4f', currency: 'EUR' },
  });
  anna = await mint('cust_anna', 'Anna Example');
  bob = await mint('cust_bob', 'Bob Example');
});

after(async () => {
  await browser?.close();
  await shop?.close();
  await stack?.stop();
});

test('a friend follows the link, signs up and pays, and both have their points', async () => {
  const { context, page, requests, complaints } = await visitor(browser, PHONE);
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: stack.baseUrl });
  assert.equal(anna.shareUrl, `${stack.baseUrl}/r/${anna.code}`);
  const response = await page.goto(anna.shareUrl);
  assert.equal(response.status(), 200);
  await page.getByRole('heading', { level: 1, name: 'Anna invites you to Perks' }).waitFor();
  await page.getByText('250 points', { exact: true }).waitFor();
  await page.getByText('at least €20.00 within 30 days').waitFor();
  const field = page.getByLabel('Your invitation code');
  assert.equal(await field.inputValue(), anna.code);
  assert.deepEqual(requests, [anna.shareUrl], 'the page asks nobody for anything else');
  await screenshot(page, 'phone-light');

  await page.getByRole('button', { name: 'Copy' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  assert.equal(await page.getByRole('status').textContent(), 'Copied');
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), anna.code);

  const [cookie] = (await context.cookies()).filter(({ name }) => name === COOKIE);
  assert.deepEqual(
    [cookie.httpOnly, cookie.secure, cookie.sameSite, cookie.path],
    [true, true, 'Lax', '/'],
  );
  const hours = (cookie.expires - Date.now() / 1000) / 3600;
  assert.ok(hours > 23.9 && hours < 24.1, `${hours}`);
  assert.deepEqual(complaints, []);

  await page.getByRole('link', { name: 'Claim your gift' }).click();
  const { origin, pathname, searchParams } = new URL(page.url());
  assert.equal(origin + pathname, `${shop.url}/signup`);
  assert.deepEqual([...searchParams.keys()], ['from', 'ref', 'ref_click']);
  assert.equal(searchParams.get('ref_click'), cookie.value);
  assert.equal(await page.getByLabel('Invitation code').inputValue(), anna.code);
  await page.getByLabel('Name').fill('Zoe');
  await page.getByLabel('Email').fill('zoe@example.com');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByText('0 points').waitFor();
  const { status, code } = shop.attribution('cust_zoe');
  assert.deepEqual([status, code], ['attributed', anna.code]);

  // A card that is declined converts nothing, nor does less than the minimum.
  for (const [card, amount, said] of [
    ['4000 0000 0000 0002', '2500', 'Payment failed. 0 points.'],
    ['4242 4242 4242 4242', '1999', 'Payment completed. 0 points.'],
    ['4242 4242 4242 4242', '2000', 'Payment completed. 250 points.'],
    ['4242 4242 4242 4242', '2500', 'Payment completed. 0 points.'],
  ]) {
    await page.getByLabel('Card').fill(card);
    await page.getByLabel('Amount in cents').fill(amount);
    await page.getByRole('button', { name: 'Pay' }).click();
    assert.equal(await page.locator('#paid').textContent(), said);
    await page.getByRole('link', { name: 'Your account' }).click();
  }
  assert.equal(await page.locator('#points').textContent(), '250 points');
  await screenshot(page, 'shop-zoe');
  await page.goto(`${shop.url}/login?customer=cust_anna`);
  assert.equal(await page.locator('#points').textContent(), '500 points');
  await screenshot(page, 'shop-anna');
  await context.close();
});

test('who comes back by another link keeps the first click', async () => {
  const { context, page } = await visitor(browser, DESKTOP);
  const click = async () => {
    const link = page.getByRole('link', { name: 'Claim your gift' });
    return new URL(await link.getAttribute('href')).searchParams;
  };
  await page.goto(anna.shareUrl);
  const first = await click();
  await page.goto(bob.shareUrl);
  const second = await click();
  assert.deepEqual([first.get('ref'), second.get('ref')], [anna.code, bob.code]);
  assert.equal(second.get('ref_click'), first.get('ref_click'));
  // The click alone leads to Anna.
  const attributed = await call('POST', '/v1/loyalty/referrals/attribute', {
    click: second.get('ref_click'), customer: 'cust_click',
  });
  assert.equal(attributed.code, anna.code);
  await context.close();
});

test('without JavaScript all is there but the button that copies', async () => {
  const { context, page } = await visitor(browser, { ...PHONE, javaScriptEnabled: false });
  await page.goto(anna.shareUrl);
  assert.equal(await page.locator('#code').getAttribute('value'), anna.code);
  assert.equal(await page.locator('#copy').isVisible(), false);
  await page.getByText('250 points', { exact: true }).waitFor();
  await screenshot(page, 'phone-without-javascript');
  await page.getByRole('link', { name: 'Claim your gift' }).click();
  assert.equal(await page.getByLabel('Invitation code').inputValue(), anna.code);
  await context.close();
});

for (const [language, locale] of Object.entries(LANGUAGES)) {
  test(`everybody can use the page in ${language}, by day and by night`, async () => {
    for (const colorScheme of ['light', 'dark']) {
      for (const [size, screen] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
        const { context, page, complaints } = await visitor(browser, { ...screen, locale, colorScheme });
        const about = `${size}-${language}-${colorScheme}`;
        await page.goto(anna.shareUrl);
        assert.equal(await page.locator('html').getAttribute('lang'), language);
        await assertAccessible(page, about);
        await screenshot(page, about);
        const amount = new Intl.NumberFormat(language, { style: 'currency', currency: 'EUR' }).format(20);
        await page.getByText(amount).waitFor();
        assert.deepEqual(complaints, []);

        const unknown = await page.goto(`${stack.baseUrl}/r/NOBODY-2222`);
        assert.equal(unknown.status(), 404);
        await assertAccessible(page, `unknown-${about}`);
        await screenshot(page, `unknown-${about}`);
        await context.close();
      }
    }
  });
}

test('any colour, long words and small screens', async () => {
  const long = 'A rather long welcome, as somebody in marketing may write it one day, with Donaudampfschifffahrt';
  for (const accent_color of ['#ffffff', '#ffe600', '#000000', '#e4002b']) {
    await call('POST', '/v1/loyalty/programs/prog_default', {
      landing: { accent_color, currency: 'EUR', title: long, text: long, button: { en: long } },
    });
    for (const colorScheme of ['light', 'dark']) {
      const { context, page } = await visitor(browser, { ...SMALL_PHONE, colorScheme });
      await page.goto(anna.shareUrl);
      await assertAccessible(page, `${accent_color} ${colorScheme}`);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${accent_color}: ${overflow} pixels too wide`);
      await screenshot(page, `small-${accent_color.slice(1)}-${colorScheme}`);
      await context.close();
    }
  }
  await call('POST', '/v1/loyalty/programs/prog_default', { landing: { accent_color: '#0b6e4f', currency: 'EUR' } });
});

test('the look at accessibility finds what is wrong', async () => {
  const { context, page } = await visitor(browser);
  const pale = '<p style="color:#aaa">Pale</p><input><h2>Gift</h2>';
  await page.setContent(`<!doctype html><html><title>A page</title><main><h1>A page</h1>${pale}</main></html>`);
  await assert.rejects(assertAccessible(page, 'pale'), ({ actual }) => {
    const found = actual.map((violation) => violation.split(':')[0]);
    return ['color-contrast', 'html-has-lang', 'label'].every((rule) => found.includes(rule));
  });
  await context.close();
});

test('the page is operated by keyboard alone', async () => {
  const { context, page } = await visitor(browser, DESKTOP);
  await page.goto(anna.shareUrl);
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.className);
  const seen = [];
  for (let place = 0; place < 3; place += 1) {
    await page.keyboard.press('Tab');
    seen.push(await focused());
  }
  assert.deepEqual(seen, ['code', 'copy', 'go']);
  await screenshot(page, 'desktop-focus');
  await page.keyboard.press('Enter');
  await page.waitForURL(`${shop.url}/signup?**`);
  await context.close();
});
