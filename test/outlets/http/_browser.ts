import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { root } from '../../_program.js';

const EXECUTABLE = '/usr/bin/chromium';

/** Whether there is a browser; where a run must be complete its absence fails. */
export function browserIsThere(t: ExecutionContext): boolean {
  if (existsSync(EXECUTABLE)) return true;
  const text = 'chromium is not installed: the page was not tried in a browser (apt-get install -y chromium)';
  t.log(text);
  t.not(process.env.CI, 'true', text);
  return false;
}

/** How long anything on the page may take before a test gives up: a machine may be busy. */
const PATIENCE_MS = 120_000;

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
}

/** An open page. What its console complains about is in `complaints`. */
export interface OpenPage {
  readonly page: Page;
  readonly complaints: readonly string[];
  /** The first sentence. */
  why(text: string | RegExp): Promise<void>;
}

export async function openPage(
  t: ExecutionContext,
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  t.teardown(() => context.close());
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(url);
  const why = async (text: string | RegExp) => {
    await page.locator('.why', { hasText: text }).waitFor();
  };
  return { page, complaints, why };
}

/** Keeps a picture of the page in `build/screenshots`. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = join(root, 'build/screenshots');
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}
