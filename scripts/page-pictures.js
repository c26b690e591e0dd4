// Makes the pictures of the page in the README: a simulated charger charges, the current is set, and the page is
// photographed as on a desk and as on a phone in the dark.
// usage: npm run bundle && node scripts/page-pictures.js [FOLDER]   docs/ unless another folder is named; needs
//        Chromium (apt-get install -y chromium)
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';

const root = resolve(import.meta.dirname, '..');
const folder = resolve(process.argv[2] ?? join(root, 'docs'));

/** What is shown on each, by the name of its file. */
const PICTURES = {
  page: { viewport: { width: 1100, height: 900 }, colorScheme: 'light' },
  'page-phone': {
    viewport: { width: 400, height: 800 },
    colorScheme: 'dark',
    isMobile: true,
    hasTouch: true,
  },
};

/** How long the car charges before the pictures, so that there is something to see in the plot, ms. */
const CHARGES_MS = 60_000;

const freePort = () =>
  new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

const [http, mqtt] = [await freePort(), await freePort()];
const bridge = spawn(process.execPath, [join(root, 'dist/main.js')], {
  env: { PATH: process.env.PATH, HTTP_PORT: `${http}`, MQTT_EMBEDDED_PORT: `${mqtt}` },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
try {
  await new Promise((done, failed) => {
    bridge.once('exit', () => failed(new Error('the bridge has ended: npm run bundle')));
    bridge.stdout.on('data', (text) => `${text}`.includes('health checks at') && done());
  });
  const url = `http://127.0.0.1:${http}/`;
  const open = async (options) => {
    const page = await (await browser.newContext({ locale: 'en-GB', ...options })).newPage();
    await page.goto(url);
    await page.locator('.why').waitFor();
    return page;
  };
  const first = await open(PICTURES.page);
  await first.waitForTimeout(CHARGES_MS / 4);
  await first.getByLabel('Plugged in').click();
  await first.getByLabel('Wants to charge').click();
  await first.locator('.why', { hasText: 'The car charges' }).waitFor();
  await first.waitForTimeout(CHARGES_MS / 2);
  const slider = first.getByRole('slider');
  await slider.focus();
  for (let amperes = 32; amperes > 10; amperes--) await first.keyboard.press('ArrowLeft');
  await first.locator('.why', { hasText: 'up to 10 A' }).waitFor();
  await first.waitForTimeout(CHARGES_MS / 2);
  for (const [name, options] of Object.entries(PICTURES)) {
    const page = await open(options);
    await page.screenshot({ path: join(folder, `${name}.png`) });
    console.log(join(folder, `${name}.png`));
  }
} finally {
  await browser.close();
  bridge.kill('SIGTERM');
}
