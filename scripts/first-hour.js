// Plays the commands of the documents; scripts/first-hour makes the surroundings in which they work and starts this.
import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = process.cwd();
const short = process.argv.includes('--short');
const bin = join(process.env.HOME, 'bin');

/** What is not run here, and why. */
const LEFT_OUT = [
  [
    /^(?:\w+=\S+ )?docker |^cd examples\/compose|setup\.sh|^cp \.env\.example/,
    'needs docker; test/deploy plays the stacks with the programs inside',
  ],
  [/^kubectl |^nomad /, 'needs a cluster'],
  [
    /^sudo |^apt-get |^journalctl /,
    'changes the machine; scripts/package-check installs the Debian package in a clean root',
  ],
  [
    /^npm ci\b(?! &&)|^npm test|^npm run (?:lint|bench|test:one)|^node test-node-red/,
    'for developers; .ci/run does it',
  ],
  [/^prometheus /, 'runs on; test/deploy/prometheus.test.ts reads its files with promtool'],
  [/^scripts\//, 'for releases; CONTRIBUTING.md says when'],
];
if (short) LEFT_OUT.push([/^npm run bundle/, 'is part of npm start']);

/** What the daemon says when a reader can begin, in either order. */
const READY = /charger online[\s\S]*connected to the broker|connected to the broker[\s\S]*charger online/;

/** What simulate says when it answers, the model or a recording. */
const SERVES = /is a simulated charger: |is the recording /;

/** Commands that go on until they are stopped, and what they say when they are ready. */
const RUNS_ON = [
  [/\bsimulate\b/, SERVES],
  [/\brecord --/, /charger online/],
  [/\bnpm start(?: --(?: --(?!.*\b(?:check|topics|sessions)\b).*)?)?\s*$|\bnpm start -- --/, READY],
];
const OPENS_THE_PAGE =
  "curl --silent --show-error --fail http://127.0.0.1:8092/ | grep --only-matching '<title>.*</title>'";
const LISTENS = /^(?:npx mqtt sub|mosquitto_sub (?!.*-W))/;

/** A command that asks the charger for something, and the answer that the bridge has to give. */
const WRITES = /^(?:npx mqtt pub|mosquitto_pub)\b.* -t \S+_update\b|_update\/|\/power_cycle /;
const ANSWER_SECONDS = 10;

/** Files that a reader has, and we put in their place. */
const STAND_INS = [
  ['/etc/evse-mqtt-bridge/config.yaml', 'house.yaml'],
  ['/var/lib/evse-mqtt-bridge/charges.jsonl', 'charges.jsonl'],
];

const pages = ['README.md', ...markdown('docs'), ...markdown('examples')];
let failures = 0;
let played = 0;
let left = 0;

prepare();
await once('npm run --silent bundle', '.');
const house = [];
house.push(await start('mosquitto -c mosquitto.conf', /mosquitto version .* running/));
house.push(await start('SIMULATE_HOST=192.168.1.20 SIMULATE_PORT=80 evse-mqtt-bridge simulate', SERVES));
for (const page of pages) await play(page);
for (const one of house.reverse()) await one.stop();
console.log(`\nfirst-hour: ${played} commands played, ${left} left out, ${failures} failed`);
process.exit(failures === 0 ? 0 : 1);

function markdown(folder) {
  return readdirSync(folder, { recursive: true })
    .filter(
      (name) =>
        name.endsWith('.md') && !/^(?:spec|de)\//.test(name) && !/codes|topics|architecture/.test(name),
    )
    .map((name) => join(folder, name))
    .sort();
}

function prepare() {
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'evse-mqtt-bridge'), `#!/bin/sh\nexec node ${root}/dist/main.js "$@"\n`);
  chmodSync(join(bin, 'evse-mqtt-bridge'), 0o755);
  process.env.PATH = `${bin}:${process.env.PATH}`;
  writeFileSync('mosquitto.conf', 'listener 1883 192.168.1.5\nallow_anonymous true\nlog_dest stderr\n');
  const settings =
    'mqtt:\n  url: mqtt://192.168.1.5\ncharger:\n  url: http://192.168.1.20\nsessions:\n  file: charges.jsonl\n';
  writeFileSync('house.yaml', settings);
  writeFileSync('config.yaml', settings);
  copyFileSync('config/garage.yaml', 'garage.yaml');
}

/** The commands of a page: each line of its sh blocks. */
function commandsOf(page) {
  const blocks = readFileSync(page, 'utf8').matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm);
  return [...blocks].flatMap(([, block]) =>
    block
      .replaceAll(/\\\n/g, ' ')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line.replace(/^#.*/, '') !== ''),
  );
}

async function play(page) {
  const commands = commandsOf(page);
  if (commands.length === 0) return;
  console.log(`\n== ${page}`);
  const cwd = page.startsWith('examples/prometheus') ? 'examples/prometheus' : '.';
  let daemon;
  let simulator;
  const listeners = [];
  for (const line of commands) {
    const command = line.replace(/\s+#\s.*$/, '');
    console.log(`$ ${command}`);
    const why = LEFT_OUT.find(([pattern]) => pattern.test(command))?.[1];
    if (why) {
      left += 1;
      console.log(`  (not played: ${why})`);
      continue;
    }
    played += 1;
    const real = STAND_INS.reduce((text, [from, to]) => text.replaceAll(from, to), command).replace(
      /^npm ci && /,
      '',
    );
    const ready = RUNS_ON.find(([pattern]) => pattern.test(real))?.[1];
    const isLocal = /^npx mqtt(?!.* -h )|^curl .*:8092/.test(real);
    const isHouse = /-h 192\.168\.1\.5/.test(real);
    if (isHouse) daemon ??= await start('evse-mqtt-bridge --config house.yaml', READY);
    else if (isLocal) daemon ??= await start('npm start --silent', READY);
    if (ready && /\bsimulate\b/.test(real)) {
      await simulator?.stop();
      simulator = await start(real, ready);
      simulator.show();
    } else if (/\brecord --/.test(real)) {
      // A reader ends it by Ctrl-C; only then the file is whole.
      const recorder = await start(real, ready);
      await recorder.stop();
      recorder.show();
    } else if (ready) {
      await daemon?.stop();
      daemon = await start(real, ready);
      daemon.show();
      if (page === 'README.md') await once(OPENS_THE_PAGE, cwd);
    } else if (LISTENS.test(real)) listeners.push(await start(real, undefined));
    else if (WRITES.test(real)) await write(real, / # .*refused/.test(line));
    else await once(real, cwd);
  }
  for (const listener of listeners) {
    for (const end = Date.now() + 5_000; listener.said.trim() === '' && Date.now() < end; ) await pause(50);
    await listener.stop();
    console.log(`  …and ${listener.command.slice(0, 40)}… has shown:`);
    listener.show();
    if (listener.said.trim() === '') fail(listener.command, 'it has shown nothing');
  }
  await daemon?.stop();
  await simulator?.stop();
}

function fail(command, why) {
  failures += 1;
  console.log(`  FAILED: ${command}: ${why}`);
}

/** The first lines of what was said, each cut to the width of a terminal. */
function shown(text) {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  for (const line of lines.slice(0, 6)) console.log(`  ${line.slice(0, 150)}${line.length > 150 ? '…' : ''}`);
  if (lines.length > 6) console.log(`  … ${lines.length - 6} lines more`);
}

/** Runs a command to its end; exit code 0 is expected, and no trace of a bug. */
async function once(command, cwd) {
  const child = run(command, cwd);
  const timer = setTimeout(() => child.stop(), 30_000);
  const code = await child.ended;
  clearTimeout(timer);
  child.show();
  // 27: nothing came within the time that -W gives.
  if (code !== 0 && !(code === 27 && / -W /.test(command))) fail(command, `exit code ${code}`);
}

/** Publishes, and looks at the bridge's answer: what a page tells a reader to write is not refused, unless it says so. */
async function write(command, isRefused) {
  const host = command.match(/ -h (\S+)/)?.[1] ?? '127.0.0.1';
  const listener = run(`mosquitto_sub -h ${host} -t '+/bridge/response' -C 1 -W ${ANSWER_SECONDS}`, '.');
  await pause(300);
  await once(command, '.');
  await listener.ended;
  listener.show();
  const wanted = isRefused ? 'error' : 'ok';
  if (!listener.said.includes(`"status":"${wanted}"`)) fail(command, `the answer is not "${wanted}"`);
}

/** Starts what runs on; resolves when it is ready. */
async function start(command, ready) {
  const child = run(command, '.');
  const end = Date.now() + 30_000;
  const isReady = () => (ready ? ready.test(child.said) : true);
  let isOver = false;
  child.ended.then(() => {
    isOver = true;
  });
  // Somebody who subscribes needs a moment, but says nothing.
  if (!ready) await pause(700);
  while (!isReady()) {
    if (isOver || Date.now() > end) {
      child.show();
      fail(command, isOver ? 'it ended at once' : 'it did not get ready');
      break;
    }
    await pause(50);
  }
  return child;
}

function run(command, cwd) {
  const child = spawn('bash', ['-c', command], { cwd: join(root, cwd), detached: true });
  const one = {
    command,
    said: '',
    ended: new Promise((done) => child.once('close', done)),
    show: () => shown(one.said),
    async stop() {
      try {
        process.kill(-child.pid, 'SIGTERM');
      } catch {
        // It has ended already.
      }
      await one.ended;
      if (/this is a bug|UnhandledPromise/.test(one.said))
        fail(command, `it has a bug: ${relative(root, cwd)}`);
    },
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      one.said += text;
    });
  }
  return one;
}

function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}
