// Starts the bundle with whichever Node.js runs this, as a newcomer would, and checks the whole path: a car is
// plugged in, a current is set over MQTT, the charging stops. Exit 0 or 1; warnings of Node.js count as failures.
// usage: node scripts/smoke.js [FILE]   dist/main.js unless another file is named
// SMOKE_NODE=FILE: another Node.js for the bundle, such as one under emulation
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { basename } from 'node:path';
import mqtt from 'mqtt';

const port = await new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});
const main = process.argv[2] ?? new URL('../dist/main.js', import.meta.url).pathname;
const child = spawn(
  process.env.SMOKE_NODE ?? process.execPath,
  [main, '--mqtt-embedded-port', port, '--model-time-scale', '50'],
  {
    stdio: 'pipe',
  },
);
let said = '';
for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
const limit = setTimeout(() => fail('not done within 60 s'), 60_000);

function fail(why) {
  console.error(`${why}\n${said}`);
  child.kill('SIGKILL');
  process.exit(1);
}

const client = mqtt.connect({ host: '127.0.0.1', port, protocol: 'mqtt', reconnectPeriod: 100 });
const steps = [
  ['warp/bridge/state', /online/, ['warp/simulator/vehicle_update', '{"connected":true,"requesting":true}']],
  ['warp/evse/state', /"charger_state":3/, ['warp/evse/external_current_update', '0']],
  ['warp/evse/state', /"charger_state":1.*"allowed_charging_current":0/, undefined],
];
client.on('connect', () => client.subscribe('warp/#'));
client.on('message', (topic, payload) => {
  const [wanted, pattern, next] = steps[0] ?? [];
  if (topic !== wanted || !pattern.test(payload.toString())) return;
  steps.shift();
  if (next) client.publish(...next);
  if (steps.length === 0) {
    client.end(true);
    child.kill('SIGTERM');
  }
});
child.on('close', (code) => {
  clearTimeout(limit);
  if (code !== 0 || steps.length > 0) fail(`ended with ${code}, ${steps.length} steps left`);
  if (/Warning/.test(said)) fail('Node.js warned');
  console.log(`${process.version}: ${basename(main)} works`);
  process.exit(0);
});
