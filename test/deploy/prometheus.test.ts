import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { connectAsync } from 'mqtt';
import { freePort } from '../_ports.js';
import { Program } from '../_program.js';
import { until } from '../_until.js';
import { root } from './_compose.js';

const folder = join(root, 'examples/prometheus');
const read = (file: string) => readFileSync(join(folder, file), 'utf8');

test('rules and dashboard name only metrics that the bridge has', async (t) => {
  const port = await freePort();
  const args = ['--http-port', String(port), '--mqtt-embedded-port', String(await freePort())];
  const program = new Program(t, args);
  await program.says(/connected to the broker/);
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const known = new Set([...text.matchAll(/^# TYPE (evse_\w+)/gm)].map((match) => match[1] ?? ''));
  t.true(known.size > 8);
  for (const file of ['evse.rules.yml', 'evse.rules.test.yml', 'grafana-dashboard.json']) {
    // A name with a colon is one that the rules make.
    const named = [...read(file).matchAll(/(?<![\w:./])evse_[a-z0-9_]+(?!\w*[.:])/g)].map(([name]) => name);
    t.true(named.length > 5, file);
    for (const name of named) if (name !== 'evse_password') t.true(known.has(name), `${file}: ${name}`);
  }
});

test('every panel of the dashboard asks for something, at a place of its own', (t) => {
  const { panels } = JSON.parse(read('grafana-dashboard.json')) as {
    panels: { id: number; gridPos: { x: number; y: number; w: number }; targets: { expr: string }[] }[];
  };
  t.is(new Set(panels.map(({ id }) => id)).size, panels.length);
  t.is(new Set(panels.map(({ gridPos: { x, y } }) => `${x} ${y}`)).size, panels.length);
  for (const { gridPos, targets } of panels) {
    t.true(gridPos.x + gridPos.w <= 24);
    t.true(targets.length > 0 && targets.every(({ expr }) => expr.includes('$charger')));
  }
});

interface Panel {
  readonly title: string;
  readonly targets: readonly { readonly expr: string }[];
}

/** A panel's expression with what Grafana puts in for its variables: all chargers, a day, five minutes. */
const asked = (expr: string): string =>
  expr.replaceAll('$charger', '.+').replaceAll('$__range', '1d').replaceAll('$__rate_interval', '5m');

/** What /metrics says of chargers, as series of promtool that have stood like this for ten minutes. */
const seriesOf = (metrics: string) =>
  metrics
    .split('\n')
    .filter((line) => line.startsWith('evse_'))
    .map((line) => {
      const [, series, value] = /^(\S+(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
      return { series, values: `${value}x10` };
    });

/** The panels for which Prometheus finds nothing in these metrics. */
function emptyPanels(t: ExecutionContext, metrics: string): readonly string[] {
  const { panels } = JSON.parse(read('grafana-dashboard.json')) as { readonly panels: readonly Panel[] };
  const file = join(mkdtempSync(join(tmpdir(), 'evse-panels-')), 'panels.test.yml');
  t.teardown(() => rmSync(join(file, '..'), { recursive: true }));
  return panels.flatMap(({ title, targets }) =>
    targets.flatMap(({ expr }) => {
      const test = {
        interval: '1m',
        input_series: seriesOf(metrics),
        promql_expr_test: [
          {
            expr: `count(${asked(expr)}) > bool 0`,
            eval_time: '10m',
            exp_samples: [{ labels: '{}', value: 1 }],
          },
        ],
      };
      // Every JSON is YAML.
      writeFileSync(file, JSON.stringify({ rule_files: [], evaluation_interval: '1m', tests: [test] }));
      return promtool(t, 'test', 'rules', file) === '' ? [] : [title];
    }),
  );
}

/** What promtool says to `args`; undefined where it is not there, which CI does not allow. */
function promtool(t: ExecutionContext, ...args: readonly string[]): string | undefined {
  const { error, status, stdout, stderr } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' });
  if (error) {
    const text = 'promtool is not there: nothing was tried (it is in the Debian package prometheus)';
    t.log(text);
    t.not(process.env.CI, 'true', text);
    return undefined;
  }
  return status === 0 ? '' : `${args.join(' ')}: ${stdout}${stderr}`;
}

test('promtool finds nothing wrong, and every alert is raised when it should', (t) => {
  const commands = [
    ['check', 'config', 'prometheus.yml'],
    ['check', 'rules', 'evse.rules.yml'],
    ['test', 'rules', 'evse.rules.test.yml'],
  ];
  for (const args of commands) t.is(promtool(t, ...args) ?? '', '');
});

test('every panel of the dashboard finds something in the metrics of a running bridge', async (t) => {
  if (promtool(t, '--version') === undefined) return;
  const scraped = async (broker: number, ...args: readonly string[]) => {
    const port = await freePort();
    const program = new Program(t, [
      ...['--http-port', String(port), '--mqtt-embedded-port', String(broker), ...args],
    ]);
    await program.says(/connected to the broker/);
    return async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  };
  const broker = await freePort();
  const metrics = await scraped(broker);
  // What happened before the first request is not counted.
  await metrics();
  const somebody = await connectAsync(`mqtt://127.0.0.1:${broker}`);
  await somebody.publishAsync('warp/evse/external_current_update', '3000', { qos: 1 });
  await somebody.endAsync();
  await until(async () => (await metrics()).includes('evse_writes_total{'), 'the count of the write');
  t.deepEqual(emptyPanels(t, await metrics()), ['Why it is offline']);
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const away = await scraped(await freePort(), '--charger-url', nobody);
  await until(async () => (await away()).includes('evse_charger_offline_reason{'), 'the reason');
  t.false(emptyPanels(t, await away()).includes('Why it is offline'));
});
