import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { request as ask, createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Browser, Page } from 'playwright-core';
import { freePort } from '../../_ports.js';
import { Program } from '../../_program.js';
import { brokerFor, brokers } from '../../mqtt/_brokers.js';
import { browserIsThere, launch, openPage, picture } from './_browser.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser | undefined;
test.after.always(() => browser?.close());

/** The program with the model, which runs faster than the world, and its page. */
async function running(
  t: ExecutionContext,
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): Promise<string> {
  const [http, mqtt] = [await freePort(), await freePort()];
  const program = new Program(t, args, {
    HTTP_PORT: String(http),
    MODEL_TIME_SCALE: '20',
    MQTT_EMBEDDED_PORT: String(mqtt),
    ...env,
  });
  await program.says(/health checks at /);
  return `http://127.0.0.1:${http}/`;
}

async function started(t: ExecutionContext): Promise<Browser | undefined> {
  if (!browserIsThere(t)) return undefined;
  browser ??= await launch();
  return browser;
}

/** Presses a switch, which shows what the charger reports: not before that has come. */
async function switchOn(page: Page, name: string): Promise<void> {
  await page.getByLabel(name).click();
  await page.locator('label.switch', { hasText: name }).locator('input:checked').waitFor();
}

async function plugIn(page: Page): Promise<void> {
  await switchOn(page, 'Plugged in');
  await switchOn(page, 'Wants to charge');
}

test.serial('the first five minutes: plug in, charge, 10 A, stop', async (t) => {
  const chrome = await started(t);
  if (!chrome) return;
  const { page, why, complaints } = await openPage(t, chrome, await running(t));
  await why('No car is connected.');
  await picture(page, 'no-car');
  await plugIn(page);
  await why('The car charges with');
  await picture(page, 'charging');

  const slider = page.getByRole('slider');
  await slider.focus();
  for (let amperes = 32; amperes > 10; amperes--) await page.keyboard.press('ArrowLeft');
  await why(/up to 10 A are allowed \(External control\)/);
  const message = page.locator('.control', { has: slider }).locator('details');
  await message.locator('summary').click();
  t.deepEqual(await message.locator('code').allTextContents(), [
    'warp/evse/external_current_update',
    '10000',
  ]);
  await picture(page, 'ten-amperes');

  await page.getByRole('button', { name: 'Stop' }).click();
  await why('The charger waits for a manual release.');
  const outcomes = page.locator('tbody tr', { hasText: 'evse/stop_charging' });
  await outcomes.first().waitFor();
  await page.getByRole('button', { name: 'Start' }).click();
  await why('The car charges');
  await page.getByText('This charge').waitFor();
  await page.getByLabel('Plugged in').click();
  await why('No car is connected.');
  await page.getByText('Last charge').waitFor();
  t.deepEqual(complaints, []);
});

test.serial('a slider that is still moving is not pulled back by what was set on the way', async (t) => {
  const chrome = await started(t);
  if (!chrome) return;
  const { page, why } = await openPage(t, chrome, await running(t));
  await why('No car is connected.');
  const slider = page.getByRole('slider');
  await slider.focus();
  let moved = false;
  await page.route('**/api/write', async (route) => {
    // The value stood still long enough to be sent; before the charger has it, the hand moves on.
    if (!moved) await page.keyboard.press('ArrowLeft');
    moved = true;
    await route.continue();
  });
  await page.keyboard.press('ArrowLeft');
  const writes = page.locator('tbody tr', { hasText: 'evse/external_current' });
  await writes.filter({ hasText: '31000' }).waitFor();
  await writes.filter({ hasText: '30000' }).waitFor();
  t.is(await slider.inputValue(), '30');
});

test.serial('a simulated WARP3: phases, other cars, a tag, a residual current', async (t) => {
  const chrome = await started(t);
  if (!chrome) return;
  const { page, why, complaints } = await openPage(t, chrome, await running(t, { MODEL_TYPE: 'warp3' }));
  await why('No car is connected.');
  await page.getByLabel('Kind of car').selectOption('three_phase_22kw');
  await switchOn(page, 'Plugged in');
  await why('does not ask for it');
  await page.getByRole('button', { name: 'Wake the car' }).click();
  await page.locator('tbody tr', { hasText: 'bridge/wake_vehicle' }).getByText('done').waitFor();
  await switchOn(page, 'Wants to charge');
  await why(/The car charges with \d\d\.\d kW/);
  await page.getByLabel('Phases').selectOption('1');
  await why(/The car charges with [67]\.\d kW/);
  await page.getByRole('button', { name: 'Hold an unknown tag to it' }).click();
  await page.locator('tbody tr', { hasText: 'simulator/tag' }).getByText('done').waitFor();
  await switchOn(page, 'Residual current');
  await why('The DC residual current monitor has tripped');
  await picture(page, 'residual-current');
  t.deepEqual(complaints, []);
});

test.serial('a refusal is seen beside the control and in the list', async (t) => {
  const chrome = await started(t);
  if (!chrome) return;
  const { page, why } = await openPage(t, chrome, await running(t, { READ_ONLY: 'true' }));
  await why('No car is connected.');
  await page.getByText('The bridge is read-only').waitFor();
  await page.getByRole('button', { name: 'Start' }).click();
  await page.getByRole('alert').getByText('READ_ONLY').waitFor();
  await page.locator('tbody tr.bad', { hasText: 'read_only' }).waitFor();
  t.pass();
});

test.serial('the charger goes and comes back, and the page says why', async (t) => {
  const chrome = await started(t);
  if (!chrome) return;
  const port = await freePort();
  const charger = () => new Program(t, ['simulate', '--simulate-port', String(port)]);
  const first = charger();
  await first.says(/is a simulated charger/);
  const url = await running(t, { CHARGER_URL: `http://127.0.0.1:${port}`, CHARGER_FORWARD: '' });
  const { page, why } = await openPage(t, chrome, url);
  await why('No car is connected.');
  first.child.kill('SIGKILL');
  await why('The charger is offline:');
  await page.locator('.connections .bad', { hasText: 'away for' }).waitFor();
  await picture(page, 'charger-away');
  await charger().says(/is a simulated charger/);
  await why('No car is connected.');
  t.pass();
});

test.serial('the broker goes and comes back; the car is told apart from it', async (t) => {
  const chrome = await started(t);
  const kind = brokers.at(-1);
  if (!chrome || !kind) return;
  const port = await freePort();
  const broker = await brokerFor(t, kind, { port });
  const url = await running(t, { MQTT_URL: `mqtt://127.0.0.1:${port}` });
  const { page, why } = await openPage(t, chrome, url);
  await why('No car is connected.');
  await broker.stop();
  await page.getByText('There is no connection to the MQTT broker').waitFor();
  await why('No car is connected.');
  await brokerFor(t, kind, { port });
  await page.getByText('There is no connection to the MQTT broker').waitFor({ state: 'detached' });
  t.pass();
});

test.serial(
  'the page waits for a charger, and for a proxy that answers while the bridge starts again',
  async (t) => {
    const chrome = await started(t);
    if (!chrome) return;
    const folder = mkdtempSync(join(tmpdir(), 'evse-chargers-'));
    const { page } = await openPage(t, chrome, await running(t, { CHARGERS_DIR: folder }));
    await page.getByText('This bridge has no charger yet.').waitFor();
    for (const prefix of ['left', 'right'])
      writeFileSync(join(folder, `${prefix}.yaml`), `prefix: ${prefix}\nname: ${prefix}\n`);
    await page.getByRole('button', { name: 'right' }).waitFor();
    await page.route('**/api/events*', (route) => route.fulfill({ status: 502, body: 'bad gateway' }));
    const refused = page.waitForResponse((response) => response.status() === 502);
    await page.getByRole('button', { name: 'right' }).click();
    await refused;
    await page.unroute('**/api/events*');
    await page.getByRole('heading', { name: 'right' }).waitFor();
    t.pass();
  },
);

test.serial('the button is pressed for as long as it is held, and only by the keys that press', async (t) => {
  const chrome = await started(t);
  if (!chrome) return;
  const { page, why } = await openPage(t, chrome, await running(t));
  await why('No car is connected.');
  const button = page.getByRole('button', { name: 'Press the button' });
  const written = page.locator('tbody tr', { hasText: 'simulator/button' });
  await button.focus();
  await page.keyboard.down(' ');
  await written.nth(0).waitFor();
  await page.locator('button[aria-pressed=true]').waitFor();
  await page.keyboard.press('Tab');
  await page.locator('button[aria-pressed=false]').waitFor();
  t.is(await written.count(), 2, 'one press, and one release where the focus left');
});

test.serial('every control shows the message that does the same', async (t) => {
  const chrome = await started(t);
  if (!chrome) return;
  const { page, why } = await openPage(t, chrome, await running(t, { MODEL_TYPE: 'warp3' }));
  await why('No car is connected.');
  const controls = page.locator('section:is(:has(#control), :has(#car)) :is(input, select, button)');
  const without = await controls.evaluateAll((all) =>
    all
      .filter((one) => one.closest('details') === null)
      .map((one) => [one.outerHTML, one.closest('.row')?.querySelectorAll('details.message').length])
      .filter(([, messages]) => messages !== 1),
  );
  t.deepEqual(without, []);
  t.true((await controls.count()) > 12);
});

test.serial('several chargers: one at a time, each by its name', async (t) => {
  const chrome = await started(t);
  if (!chrome) return;
  const { page, why } = await openPage(t, chrome, await running(t, {}, ['--config', 'config/garage.yaml']));
  const tabs = page.getByRole('navigation').getByRole('button');
  await tabs.nth(1).waitFor();
  const second = (await tabs.nth(1).textContent()) ?? '';
  await tabs.nth(1).click();
  await page.getByRole('heading', { level: 2, name: second }).waitFor();
  await why(/./);
  t.is(await tabs.count(), 2);
});

test.serial('a check at the press of a button tells each step', async (t) => {
  const chrome = await started(t);
  if (!chrome) return;
  const { page, why } = await openPage(t, chrome, await running(t));
  await why('No car is connected.');
  await page.getByRole('button', { name: 'Check' }).click();
  await page.getByRole('button', { name: 'Checking' }).waitFor();
  await page.getByRole('button', { name: 'Check', exact: true }).waitFor();
  const steps = await page.locator('.steps li').allTextContents();
  t.true(steps.length >= 2, steps.join('; '));
  t.is(await page.locator('.steps .bad').count(), 0, steps.join('; '));
});

test.serial('with a login: without it nothing is shown, with it everything works', async (t) => {
  const chrome = await started(t);
  if (!chrome) return;
  const url = await running(t, { HTTP_USERNAME: 'owner', HTTP_PASSWORD: 'plug it in' });
  t.is((await fetch(url)).status, 401);
  const login = { httpCredentials: { username: 'owner', password: 'plug it in' } };
  const { page, why, complaints } = await openPage(t, chrome, url, login);
  await why('No car is connected.');
  await plugIn(page);
  await why('The car charges');
  t.deepEqual(complaints, []);
});

test.serial('behind a path of a proxy, as in the sidebar of Home Assistant', async (t) => {
  const chrome = await started(t);
  if (!chrome) return;
  const target = new URL(await running(t));
  const proxy = createServer((request, response) => {
    const { method, headers, url = '' } = request;
    const path = url.replace('/api/ingress/token', '');
    const onward = ask({ host: target.hostname, port: target.port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  const port = await freePort();
  await new Promise<void>((done) => proxy.listen(port, '127.0.0.1', done));
  t.teardown(() => {
    proxy.close();
    proxy.closeAllConnections();
  });
  const url = `http://127.0.0.1:${port}/api/ingress/token/`;
  const { page, why, complaints } = await openPage(t, chrome, url);
  await why('No car is connected.');
  await plugIn(page);
  await why('The car charges');
  t.deepEqual(complaints, []);
});

test.serial('every topic can be looked at, with its meaning', async (t) => {
  const chrome = await started(t);
  if (!chrome) return;
  const { page } = await openPage(t, chrome, await running(t));
  await page.getByRole('heading', { name: 'All topics' }).click();
  await page.getByRole('searchbox').fill('external_current');
  await page.getByText('"current":32000').first().waitFor();
  await page.getByText('Charging current set by external control').first().waitFor();
  t.pass();
});

test.serial('German, on a phone, in the dark', async (t) => {
  const chrome = await started(t);
  if (!chrome) return;
  const phone = { locale: 'de-DE', colorScheme: 'dark', viewport: { width: 360, height: 740 } } as const;
  const { page, why, complaints } = await openPage(t, chrome, await running(t), phone);
  await why('Kein Auto ist angesteckt.');
  await switchOn(page, 'Angesteckt');
  await switchOn(page, 'Will laden');
  await why(/Das Auto lädt mit \d+,\d kW/);
  const wide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
  t.false(wide, 'the page is wider than the phone');
  t.is(await page.evaluate('document.documentElement.lang'), 'de');
  await picture(page, 'phone-german-dark');
  t.deepEqual(complaints, []);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test.serial(`an accessibility check finds nothing: ${colorScheme}`, async (t) => {
    const chrome = await started(t);
    if (!chrome) return;
    const { page, why } = await openPage(t, chrome, await running(t), { colorScheme });
    await why('No car is connected.');
    await plugIn(page);
    await page.getByRole('heading', { name: 'All topics' }).click();
    await page.getByText('Charging current set by external control').first().waitFor();
    await page.evaluate(axe);
    const violations = await page.evaluate(
      'axe.run().then(({violations}) => violations.map(({id, nodes}) => [id, ...nodes.map(({html}) => html)].join(" ")))',
    );
    t.deepEqual(violations, []);
  });
}

test.serial('by the keyboard alone: every control is reached and shows that it is', async (t) => {
  const chrome = await started(t);
  if (!chrome) return;
  const { page, why } = await openPage(t, chrome, await running(t));
  await why('No car is connected.');
  const reached = new Set<string>();
  for (let tabs = 0; tabs < 40; tabs++) {
    await page.keyboard.press('Tab');
    const found = await page.evaluate(
      '[document.activeElement?.tagName, document.activeElement?.id, getComputedStyle(document.activeElement).outlineStyle].join(" ")',
    );
    reached.add(String(found));
  }
  t.true([...reached].some((one) => one.startsWith('INPUT current solid')));
  t.true([...reached].some((one) => one.startsWith('SELECT kind solid')));
});
