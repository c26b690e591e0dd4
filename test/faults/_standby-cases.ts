import { type FaultCase, inLab, must, type Result } from './_case.js';
import { type Lab, Listener, type Process, pause } from './_lab.js';

/** How often one is killed or frozen; `ROUNDS=100 npm run test:faults -- --only standby` takes a quarter of an hour. */
const ROUNDS = Number(process.env.ROUNDS ?? 8);
const SHORT_ROUNDS = 2;

/** Currents that can be set above the least one, so that each write has one of its own, mA. */
const VALUES = 26_000;

/** The longest time without an answer after the end of the one that works, ms. */
const TAKE_OVER_MS = 10_000;

/** Two processes with the same settings: each in turn is killed or frozen while somebody writes. */
export const standbyCases: readonly FaultCase[] = [
  {
    name: 'standby',
    fault:
      'of two bridges with one client id the one that works is killed or frozen, under 20 writes a second',
    short: true,
    run: (short) => inLab({}, (lab) => takeTurns(lab, short ? SHORT_ROUNDS : ROUNDS, {})),
  },
  {
    name: 'standby-ids',
    fault: 'the same with two client ids',
    run: (short) =>
      inLab({ env: { MQTT_CLIENT_ID: 'one' } }, (lab) =>
        takeTurns(lab, short ? SHORT_ROUNDS : ROUNDS, { MQTT_CLIENT_ID: 'two' }),
      ),
  },
];

async function takeTurns(
  lab: Lab,
  rounds: number,
  second: Readonly<Record<string, string>>,
): Promise<Result> {
  const executed = new Map<string, string[]>();
  const begun = performance.now();
  lab.toCharger.heard = (bytes, connection) => {
    const text = bytes.toString('latin1');
    if (!text.includes('external_current')) return;
    for (const [, value = ''] of text.matchAll(/"current":(\d+)/g)) {
      const at = `${seconds(performance.now() - begun)} s over connection ${connection}`;
      executed.set(value, [...(executed.get(value) ?? []), at]);
      reached += 1;
    }
  };
  const person = await Listener.at(lab.broker.port, 'warp/bridge/#');
  let [sent, reached] = [0, 0];
  const timer = setInterval(() => {
    const current = 6_000 + (sent++ % VALUES);
    // Every value there is has been sent before: this time it is another write.
    executed.delete(String(current));
    const payload = JSON.stringify({ current });
    person.client.publish('warp/evse/external_current_update', payload, { qos: 1 });
  }, 50);
  let working: Process = lab.bridge ?? lab.startBridge();
  let waiting = lab.startSecond(second);
  let names: [Record<string, string>, Record<string, string>] = [{}, second];
  const longest = { killed: 0, frozen: 0 };
  try {
    for (let looks = 0; looks < 200 && !/standing by/.test(waiting.said); looks++) await pause(100);
    must(/standing by/.test(waiting.said), 'the second one does not wait');
    // Its connection to the charger.
    await pause(2_000);
    for (let round = 0; round < rounds; round++) {
      const how = round % 2 === 0 ? 'killed' : 'frozen';
      working.signal(how === 'killed' ? 'SIGKILL' : 'SIGSTOP');
      const took = await answersAgain(person);
      longest[how] = Math.max(longest[how], took);
      if (how === 'frozen') working.signal('SIGCONT');
      else working = lab.startSecond(names[0]);
      [working, waiting] = [waiting, working];
      names = [names[1], names[0]];
      await pause(3_000);
      const online = () => person.newest.get('warp/bridge/state') === 'online';
      for (let looks = 0; looks < 140 && !online(); looks++) await pause(50);
      must(online(), `after round ${round} bridge/state is not online within 10 s`);
    }
  } finally {
    clearInterval(timer);
    await Promise.all([working, waiting].map((one) => (one === lab.bridge ? undefined : one.stop())));
    await person.close();
  }
  const twice = [...executed].filter(([, times]) => times.length > 1);
  must(
    twice.length === 0,
    `carried out more than once: ${twice.map(([value, times]) => `${value} at ${times.join(' and ')}`).join('; ')}`,
  );
  must(reached > sent / 10, `only ${reached} of ${sent} writes reached the charger`);
  return {
    happened: `${rounds} rounds, ${reached} of ${sent} writes reached the charger, none twice; answers again ${seconds(longest.killed)} s after a kill, ${seconds(longest.frozen)} s after a freeze at the latest`,
  };
}

/** Waits until a write is answered that was sent after now; resolves to the ms that it took. */
async function answersAgain(person: Listener): Promise<number> {
  const begun = performance.now();
  // What the other one has said may be on its way.
  await pause(150);
  const from = person.all.length;
  for (;;) {
    const answers = person.all.slice(from).filter(({ topic }) => topic === 'warp/bridge/response');
    const [first] = answers;
    if (first && answers.length > 2) return first.at - begun;
    must(performance.now() - begun < TAKE_OVER_MS, 'no answers within 10 s');
    await pause(20);
  }
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(1);
