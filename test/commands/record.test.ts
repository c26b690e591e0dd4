import { readFile } from 'node:fs/promises';
import test, { type ExecutionContext } from 'ava';
import { checkRecording } from '../../src/backend/recording/recording-file.js';
import { startSimulator } from '../../src/simulator/simulated-charger.js';
import { freePort } from '../_ports.js';
import { Program } from '../_program.js';
import { modelTestCharger } from '../backend/_backends.js';
import { newFile } from '../backend/recording/_recorded.js';

/** The address of a simulated charger in this process. */
async function chargerUrl(t: ExecutionContext): Promise<string> {
  const model = modelTestCharger();
  const { port, close } = await startSimulator({
    charger: model.charger,
    write: (path, value) => model.backend.write(path, value),
    host: '127.0.0.1',
    port: 0,
    clock: model.clock,
    log: model.log,
  });
  t.teardown(async () => {
    await close();
    await model.stop();
  });
  return `http://127.0.0.1:${port}`;
}

test('a charger is recorded until the signal, and the recording is served', async (t) => {
  const file = await newFile(t);
  const recording = new Program(t, ['record', '--charger-url', await chargerUrl(t), '--output', file]);
  await recording.says(/charger online/);
  recording.child.kill('SIGTERM');
  t.is(await recording.ended, 0);
  const { lines, type } = await checkRecording(file);
  t.is(type, 'warp');
  t.true(lines > 50);
  const replay = new Program(t, ['simulate', '--replay', file, '--simulate-port', String(await freePort())]);
  await replay.says(/is the recording .* of a WARP with firmware 2\.8\.9/);
  replay.child.kill('SIGTERM');
  t.is(await replay.ended, 0);
});

test('the daemon records too', async (t) => {
  const file = await newFile(t);
  const args = ['run', '--record', file, '--charger-url', await chargerUrl(t)];
  const daemon = new Program(t, args, { MQTT_EMBEDDED_PORT: String(await freePort()) });
  await daemon.says(/charger online/);
  daemon.child.kill('SIGTERM');
  t.is(await daemon.ended, 0);
  await checkRecording(file);
  t.regex(await readFile(file, 'utf8'), /"type":"online"/);
});

test('what can not be recorded or played is told before anything starts', async (t) => {
  const file = await newFile(t);
  const cases: readonly (readonly [args: readonly string[], code: number, why: RegExp])[] = [
    [['record', '--output', file], 78, /only a charger can be recorded: set CHARGER_URL/],
    [['record', '--charger-url', 'http://127.0.0.1:9'], 78, /--output: name the file/],
    [
      ['record', '--charger-url', 'http://127.0.0.1:9', '--output', file, '--seconds', '0'],
      78,
      /--seconds: expected 1/,
    ],
    [['run', '--record', file], 78, /--record: only a charger can be recorded/],
    [['simulate', '--replay', file], 1, /can't play .*charger\.jsonl/],
  ];
  for (const [args, code, why] of cases) {
    const program = new Program(t, args);
    t.is(await program.ended, code, args.join(' '));
    t.regex(program.out + program.err, why);
  }
});
