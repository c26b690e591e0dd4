import { systemClock } from '../base/clock.js';
import { BadConfiguration } from '../base/errors.js';
import type { CliCommand, CommandContext, ExitCode } from './index.js';
import { recordedBackend, recordFaults } from './recorded-backend.js';
import { backendKind, backends } from './wiring-charger.js';

const MAX_SECONDS = 31 * 24 * 3600;

export const record: CliCommand = {
  doc: 'writes what a charger says to one file, without names and secrets, for `simulate --replay`',
  settings: ['charger', 'log'],
  examples: ['evse-mqtt-bridge record --charger-url http://192.168.1.20 --output charger.jsonl'],
  options: {
    output: { doc: 'the file, which must not exist yet, such as charger.jsonl', sign: 'FILE' },
    seconds: { doc: 'how long; without it until Ctrl-C or SIGTERM', sign: 'SECONDS' },
  },
  faults: ({ chargers, options: { output, seconds } }) => [
    ...recordFaults(chargers),
    ...(output === undefined ? ['--output: name the file, such as --output charger.jsonl'] : []),
    ...(seconds !== undefined && !(Number(seconds) >= 1 && Number(seconds) <= MAX_SECONDS)
      ? [`--seconds: expected 1..${MAX_SECONDS}, got ${JSON.stringify(seconds)}`]
      : []),
  ],
  run: runRecord,
};

/** Records until `signal` aborts, or for `--seconds`. Rejects if the file can't be created. */
async function runRecord({ config, version, log, signal }: CommandContext): Promise<ExitCode> {
  const { output, seconds } = config.options;
  const [one] = config.chargers;
  if (!one || output === undefined) throw new BadConfiguration(['--output: name the file']);
  const factory = backends[backendKind(one.values)];
  const tools = { topics: factory.topics(one.values), clock: systemClock, log };
  const { backend, outcome } = await recordedBackend(output, version, one, tools);
  log.info(`evse-mqtt-bridge ${version}: recording ${factory.address(one.values)} to ${output}`);
  const ended = new AbortController();
  const cancel =
    seconds === undefined ? () => {} : systemClock.after(Number(seconds) * 1000, () => ended.abort());
  const nobody = {
    state() {},
    wants: () => true,
    online: (transport: string) => log.info(`charger online (${transport})`),
    offline: (why: string) => log.warn(`charger offline: ${why}`),
  };
  await backend.run(nobody, AbortSignal.any([signal, ended.signal]));
  cancel();
  const { lines, isWhole } = outcome();
  if (isWhole) log.info(`${output}: ${lines} lines`);
  return isWhole ? 0 : 1;
}
