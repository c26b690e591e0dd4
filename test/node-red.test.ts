import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import test from 'ava';
import { allTopics } from '../src/topics/index.js';

// What can be seen of examples/node-red/flow.json without Node-RED; test-node-red runs it.

interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly name?: string;
  readonly z?: string;
  readonly topic?: string;
  readonly broker?: string;
  readonly retain?: string;
  readonly rap?: boolean;
  readonly func?: string;
  readonly outputs?: number;
  readonly wires?: readonly (readonly string[])[];
  readonly env?: readonly { readonly name: string; readonly value: string; readonly type: string }[];
}

const file = resolve(import.meta.dirname, '../../examples/node-red/flow.json');
const text = readFileSync(file, 'utf8');
const nodes = JSON.parse(text) as readonly FlowNode[];
const byId = new Map(nodes.map((node) => [node.id, node]));
const ofType = (...types: readonly string[]) => nodes.filter(({ type }) => types.includes(type));

test('ids are unique, nodes stand on the tab, and only core nodes are used', (t) => {
  t.is(byId.size, nodes.length);
  const [tab] = ofType('tab');
  for (const node of nodes) {
    if (node.type === 'tab' || node.type === 'mqtt-broker') t.is(node.z, undefined);
    else t.is(node.z, tab?.id, node.id);
  }
  const core = ['tab', 'mqtt-broker', 'mqtt in', 'mqtt out', 'inject', 'function', 'comment'];
  t.deepEqual(
    nodes.filter(({ type }) => !core.includes(type)),
    [],
  );
});

test('wires end at nodes that take messages, one list per output', (t) => {
  for (const { id, wires = [], outputs } of nodes) {
    for (const target of wires.flat())
      t.true(['function', 'mqtt out'].includes(byId.get(target)?.type ?? ''), `${id} → ${target}`);
    if (outputs !== undefined) t.is(wires.length, outputs, id);
  }
  const fed = new Set(nodes.flatMap(({ wires = [] }) => wires.flat()));
  for (const { id } of ofType('function', 'mqtt out')) t.true(fed.has(id), id);
});

test('MQTT nodes have the broker, only the text is published retained, no login is in the file', (t) => {
  for (const { id, broker } of ofType('mqtt in', 'mqtt out'))
    t.is(byId.get(broker ?? '')?.type, 'mqtt-broker', id);
  for (const { id, retain } of ofType('mqtt out')) t.is(retain, String(id === 'evse_out_text'), id);
  t.notRegex(text, /credentials|password|"user"/);
});

test('the topics are those of the bridge; only external_current is written', (t) => {
  const rows = allTopics();
  const bridge = ['bridge/state', 'bridge/charger', 'bridge/response'];
  const paths = (type: string) =>
    ofType(type).flatMap(({ topic = '' }) =>
      topic.startsWith('warp/') ? [topic.slice('warp/'.length)] : [],
    );
  for (const path of paths('mqtt in'))
    t.true(bridge.includes(path) || rows.get(path)?.state !== undefined, path);
  t.deepEqual(paths('mqtt out'), ['evse/external_current_update']);
  t.is(rows.get('evse/external_current')?.command?.flash, undefined);
});

/** A function node on its tab, with the tab's environment as it is shipped and a clock that is set by hand. */
class FlowTab {
  now = 1_000_000_000;
  readonly flow = new Map<string, unknown>();
  readonly env: Map<string, unknown>;
  readonly #contexts = new Map<string, Map<string, unknown>>();

  constructor(env: Readonly<Record<string, unknown>> = {}) {
    const shipped = ofType('tab')[0]?.env ?? [];
    this.env = new Map<string, unknown>([
      ...shipped.map(({ name, value }): [string, unknown] => [name, JSON.parse(value)]),
      ...Object.entries(env),
    ]);
  }

  run(id: string, msg: object): unknown {
    const context = this.#contexts.get(id) ?? new Map<string, unknown>();
    this.#contexts.set(id, context);
    const names = ['msg', 'node', 'flow', 'context', 'env', 'Date'];
    const run = new Function(...names, byId.get(id)?.func ?? 'throw new Error("no such function")');
    const node = { status: () => {}, warn: () => {} };
    return run(msg, node, this.flow, context, this.env, { now: () => this.now });
  }

  /** The charger tells something. */
  tells(topic: string, payload: unknown): void {
    this.run('evse_f_keep', { topic: `garage/left/${topic}`, payload });
  }

  /** A reading of the grid power, in W; gives the current that is then written, in mA. It takes effect at once. */
  reads(watts: number | string, more: object = {}): number | undefined {
    const spare = this.run('evse_f_spare', { payload: String(watts), ...more }) as object | null;
    return spare === null ? undefined : this.#loop(spare);
  }

  tick(): number | undefined {
    return this.#loop({ topic: 'tick' });
  }

  notice: string | undefined;

  #loop(msg: object): number | undefined {
    type Out = readonly [{ payload: { current: number } } | null, { payload: string } | null];
    const [write, notice] = (this.run('evse_f_pv', msg) as Out | null) ?? [null, null];
    this.notice = notice?.payload;
    if (!write) return undefined;
    this.tells('evse/external_current', write.payload);
    return write.payload.current;
  }
}

/** A tab on which a car charges with `amps` A and the PV loop is on. */
function charging(amps: number, env: Readonly<Record<string, unknown>> = {}): FlowTab {
  const tab = new FlowTab({ PV_AT_START: true, ...env });
  tab.tells('bridge/state', 'online');
  tab.tells('bridge/charger', 'online');
  tab.tells('evse/external_current', { current: amps * 1_000 });
  tab.tells('evse/state', {
    charger_state: amps > 0 ? 3 : 1,
    allowed_charging_current: amps * 1_000,
    error_state: 0,
    contactor_error: 0,
  });
  return tab;
}

for (const { id, func = '' } of ofType('function')) {
  test(`the function ${id} compiles, and uses only what the tab sets`, (t) => {
    t.notThrows(() => new Function('msg', 'node', 'flow', 'context', 'env', func));
    const tab = new FlowTab();
    for (const [, name] of func.matchAll(/env\.get\('(\w+)'\)/g)) t.true(tab.env.has(name ?? ''), name);
  });
}

test('currents by hand: 0 and 6 to 32 A, whole mA', (t) => {
  const tab = new FlowTab();
  const sent = [0, 5.9, 6, 8.2, 16, 40, '10'].map((payload) => tab.run('evse_f_amps', { payload }));
  const wanted = [0, 0, 6_000, 8_200, 16_000, 32_000, 10_000];
  t.deepEqual(
    sent,
    wanted.map((current) => ({ payload: { current } })),
  );
  t.deepEqual(
    ['x', -6, undefined].map((payload) => tab.run('evse_f_amps', { payload })),
    [null, null, null],
  );
});

test('the PV loop is off until it is asked for, and after a current by hand', (t) => {
  const tab = charging(16, { PV_AT_START: false });
  t.is(tab.reads(5_000), undefined);
  tab.run('evse_f_mode', { payload: 'pv' });
  t.is(tab.reads(5_000), 8_000);
  tab.run('evse_f_amps', { payload: 16 });
  tab.now += 3_600_000;
  t.is(tab.reads(20_000), undefined);
  t.is(tab.tick(), undefined);
});

test('a current that somebody else has set is told, at most every ten minutes', (t) => {
  const tab = charging(16);
  tab.tells('meter/values', { power: 11_040 });
  t.is(tab.reads(1_380), 14_000);
  t.is(tab.notice, undefined);
  tab.now += 30_000;
  tab.tells('meter/values', { power: 9_660 });
  t.is(tab.reads(0), undefined);
  t.is(tab.notice, undefined, 'its own value');
  tab.tells('evse/external_current', { current: 20_000 });
  tab.now += 30_000;
  tab.tells('meter/values', { power: 13_800 });
  tab.reads(0);
  t.regex(tab.notice ?? '', /somebody else has set 20 A/);
  tab.now += 30_000;
  tab.tells('evse/external_current', { current: 12_000 });
  tab.tick();
  t.is(tab.notice, undefined);
  tab.now += 600_000;
  tab.tick();
  tab.tells('evse/external_current', { current: 25_000 });
  tab.tick();
  t.regex(tab.notice ?? '', /somebody else has set 25 A/);
});

test('a value that has not come yet is nobody’s, nor one that was lost', (t) => {
  const tab = charging(16);
  tab.tells('meter/values', { power: 11_040 });
  t.is(tab.reads(1_380), 14_000);
  tab.tells('evse/external_current', { current: 16_000 });
  tab.tick();
  t.is(tab.notice, undefined);
  tab.tells('evse/external_current', { current: 14_000 });
  tab.tick();
  t.is(tab.notice, undefined);
});

test('a car that charges on one phase gets the amperes of one phase', (t) => {
  const tab = charging(6);
  tab.tells('meter/phases', { phases_active: [true, false, false], phases_connected: [true, true, true] });
  tab.tells('meter/values', { power: 1_380 });
  t.is(tab.reads(-920), 10_000);
});

test('the text is published only when it changes', (t) => {
  const tab = new FlowTab();
  const state = (amps: number) =>
    tab.run('evse_f_state', {
      payload: { charger_state: 3, iec61851_state: 2, allowed_charging_current: amps * 1_000 },
    });
  t.like(state(16), { payload: { text: 'Charging, allowed 16 A' } });
  t.is(state(16), null);
  t.like(state(10), { payload: { amps: 10 } });
});

test('a charge mode in which the charger regulates too is told, and its end', (t) => {
  const tab = new FlowTab();
  const mode = (number: number) =>
    tab.run('evse_f_problem', { topic: 'warp/evse/charge_mode', payload: { mode: number } });
  t.is(mode(0), null);
  t.regex((mode(2) as { payload: string }).payload, /its charge mode is PV, so it regulates/);
  t.is(mode(2), null);
  t.deepEqual(mode(0), { payload: 'WARP charger: its charge mode leaves the current to this flow' });
  t.regex((mode(1) as { payload: string }).payload, /Off/);
});

test("the car's own power is measured, and guessed from the allowed current only where no fresh value is there", (t) => {
  const tab = charging(16);
  tab.tells('meter/values', { power: 5_520 });
  t.is(tab.reads(-1_500), 10_000);
  const stale = charging(16);
  stale.tells('meter/values', { power: 5_520 });
  stale.now += 61_000;
  t.is(stale.reads(0), undefined);
  t.is(stale.reads(1_500), 13_000);
  const silent = charging(16);
  silent.tells('meter/values', { power: null });
  t.is(silent.reads(1_500), 13_000);
});

test('it raises in steps, one per interval, lowers at once, and never above 32 A', (t) => {
  const tab = charging(16);
  const sent = [0, 10, 30, 45, 60, 90, 120].map((second) => {
    tab.now = 1_000_000_000 + second * 1_000;
    tab.tells('meter/values', { power: 11_040 });
    return tab.reads(second < 120 ? -30_000 : 6_000);
  });
  t.deepEqual(sent, [20_000, undefined, 24_000, undefined, 28_000, 32_000, 7_000]);
});

test('too little sun: 6 A for STOP_AFTER_S, then 0; a cloud in between starts the time anew', (t) => {
  const tab = charging(8);
  const at = (second: number, watts: number) => {
    tab.now = 1_000_000_000 + second * 1_000;
    tab.tells('meter/values', { power: 4_140 });
    return tab.reads(watts);
  };
  t.is(at(0, 1_000), 6_000);
  t.is(at(290, 1_000), undefined);
  t.is(at(295, 0), undefined);
  t.is(at(300, 1_000), undefined);
  t.is(at(595, 1_000), undefined);
  t.is(at(600, 1_000), 0);
});

test('it starts with 6 A after START_AFTER_S of enough sun without a gap', (t) => {
  const tab = charging(0);
  const at = (second: number, watts: number) => {
    tab.now = 1_000_000_000 + second * 1_000;
    return tab.reads(watts);
  };
  t.is(at(0, -4_200), undefined);
  t.is(at(50, -4_000), undefined);
  t.is(at(55, -9_000), undefined);
  t.is(at(110, -9_000), undefined);
  t.is(at(115, -9_000), 6_000);
});

test('watchdog: lowers, tells once, never starts a charge, and tries again until the charger shows it', (t) => {
  const tab = charging(16);
  t.is(tab.tick(), undefined);
  tab.now += 90_000;
  t.is(tab.tick(), undefined);
  tab.now += 5_000;
  t.is(tab.tick(), 6_000);
  t.is(tab.notice, 'WARP charger: no grid readings, at most 6 A until they are back');
  tab.tells('evse/external_current', { current: 16_000 });
  tab.now += 30_000;
  t.is(tab.tick(), 6_000);
  t.is(tab.notice, undefined);
  tab.reads(0);
  t.is(tab.notice, 'WARP charger: grid readings are back');
  const stopped = charging(0);
  stopped.tick();
  stopped.now += 95_000;
  t.is(stopped.tick(), undefined);
  const strict = charging(16, { SAFE_CURRENT_A: 0 });
  strict.tick();
  strict.now += 95_000;
  t.is(strict.tick(), 0);
});

test('what is no reading changes nothing and does not feed the watchdog', (t) => {
  const tab = charging(16);
  tab.tick();
  tab.now += 95_000;
  for (const payload of ['', 'unavailable', 'NaN', '{"power":1}']) t.is(tab.reads(payload), undefined);
  t.is(tab.reads(-9_000, { retain: true }), undefined);
  t.is(tab.tick(), 6_000);
  t.is(nodes.find(({ id }) => id === 'evse_in_grid')?.rap, false);
});

test('nothing is written while the charger is away, or with a setting that makes no sense', (t) => {
  const tab = charging(16);
  tab.tells('bridge/charger', 'offline');
  t.is(tab.reads(9_000), undefined);
  for (const env of [{ PHASES: 0 }, { PHASES: 'three' }, { STOP_AFTER_S: 'x' }, { INTERVAL_S: -1 }])
    t.is(charging(16, env).reads(9_000), undefined, JSON.stringify(env));
});

test('a refusal is told once in ten minutes, what was superseded never', (t) => {
  const tab = new FlowTab();
  const refused = (code: string) =>
    tab.run('evse_f_refused', { payload: { topic: 'evse/x', status: 'error', code, error: 'why' } });
  t.is(refused('superseded'), null);
  t.deepEqual(refused('invalid'), { payload: 'WARP charger: write to evse/x refused (invalid): why' });
  tab.now += 599_000;
  t.is(refused('invalid'), null);
  tab.now += 1_000;
  t.not(refused('invalid'), null);
  t.is(tab.run('evse_f_refused', { payload: { topic: 'evse/x', status: 'ok' } }), null);
  t.not(refused('invalid'), null);
});

test('a problem is told when it comes and when it goes; that all is well not at the start', (t) => {
  const tab = new FlowTab();
  const told = (topic: string, payload: unknown) => {
    const out = tab.run('evse_f_problem', { topic: `garage/left/${topic}`, payload });
    return (out as { payload: string } | null)?.payload;
  };
  const state = (error_state: number, contactor_error: number, charger_state = 4) =>
    told('evse/state', { charger_state, error_state, contactor_error });
  const all = [
    [state(0, 0, 0), undefined],
    [told('evse/external_enabled', { enabled: true }), undefined],
    [told('bridge/charger', 'online'), undefined],
    [state(4, 6), 'contactor error, contactor monitoring code 6'],
    [state(4, 6), undefined],
    [told('bridge/charger', 'offline'), 'the charger is offline'],
    [told('bridge/state', 'offline'), 'the bridge is offline'],
    [told('bridge/state', 'online'), 'the bridge is online again'],
    [told('bridge/charger', 'online'), 'the charger is online again'],
    [state(4, 6), undefined],
    [state(9, 0), 'error 9'],
    [state(0, 0), 'error'],
    [state(0, 0, 1), 'OK'],
    [
      told('evse/external_enabled', { enabled: false }),
      'external control is off, currents from here have no effect',
    ],
    [told('evse/external_enabled', { enabled: true }), 'external control is on'],
  ] as const;
  for (const [said, wanted] of all) t.is(said, wanted === undefined ? wanted : `WARP charger: ${wanted}`);
});
