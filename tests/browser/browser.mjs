// Chromium, as Debian ships it, with what the tests look for on every page.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';

import axe from 'axe-core';
import { chromium } from 'playwright-core';

import { ROOT } from '../node/stack.mjs';

const SCREENSHOTS = `${ROOT}target/screenshots`;
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
export const SMALL_PHONE = { ...PHONE, viewport: { width: 320, height: 568 } };
export const DESKTOP = { viewport: { width: 1280, height: 860 } };

/** Starts a browser that asks nobody but the pages that it is told to open. */
export function startBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
    ],
  });
}

/** A visitor with a browser of their own: nothing is shared with others. */
export async function visitor(browser, options = {}) {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  const page = await context.newPage();
  const requests = [];
  const complaints = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return { context, page, requests, complaints };
}

/** Keeps a picture of a page under `target/screenshots`. */
export async function screenshot(page, name) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: `${SCREENSHOTS}/${name}.png`, fullPage: true });
}

/** Fails where axe-core finds anything. */
export async function assertAccessible(page, about) {
  // Evaluated by the debugger, which no content security policy is about.
  await page.evaluate(axe.source);
  const { violations, passes } = await page.evaluate(
    (values) => globalThis.axe.run({ runOnly: { type: 'tag', values } }),
    RULES,
  );
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  assert.deepEqual(found, [], about);
  assert.ok(passes.some(({ id }) => id === 'color-contrast'), 'contrast was looked at');
}
