#!/usr/bin/env node
// Only types are imported at the top, for two reasons. An old Node.js must be able to run this file as far as the
// message that it is too old. And the signal handlers must be there before anything else is loaded.
import type { Log, RootLog } from './base/log.js';
import type { LogOutput } from './base/log-output.js';
import type { Config } from './config/index.js';

/** The oldest Node.js that will do; package.json says the same. */
const NEEDED = [20, 19] as const;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  const text = `evse-mqtt-bridge needs Node.js ${NEEDED.join('.')} or newer, and this is ${process.versions.node}`;
  process.stderr.write(`${text}: see "Node.js" in docs/operations.md\n`);
  process.exit(1);
}

/** The exit code of a bad configuration (contract 1). */
const EX_CONFIG = 78;

/** The longest time that the process waits at its end until its last log lines are written, ms. */
const LOG_FLUSH_MS = 1_000;

const version = process.env.EVSE_MQTT_BRIDGE_VERSION ?? 'dev';

/** Comes with the first SIGTERM or SIGINT; the second one ends the process at once. */
const stop = new AbortController();
let log: Log | undefined;
let output: LogOutput | undefined;

for (const name of ['SIGTERM', 'SIGINT'] as const) {
  process.on(name, () => {
    if (stop.signal.aborted) process.exit(1);
    log?.info(`${name}: stopping`);
    stop.abort();
  });
}
/** Called at each SIGHUP: "read your settings again". */
const hangups = new Set<() => void>();
/** Whether the last SIGHUP came while nothing listened for it. */
let unheard = false;
// A terminal that closes sends SIGHUP, and without a handler Node would end the process: it must go on.
process.on('SIGHUP', () => {
  unheard = hangups.size === 0;
  for (const run of hangups) run();
});
// At SIGUSR1 Node would open its debugger to everybody on this machine. For that there is `--inspect`.
process.on('SIGUSR1', () => {});
// If the reader of a pipe goes away, the process must not end; what it prints from then on is lost.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    failed(error).then(end, () => process.exit(1));
  });
}
// With DEBUG set, a library would print everything, passwords included. LOG_LEVEL=debug is our own switch.
delete process.env.DEBUG;

/** Runs the command that `argv` names; resolves to the exit code. */
async function main(argv: readonly string[]): Promise<number> {
  const [first, ...others] = argv;
  if (argv.includes('--version') || ['version', '-v', '-V'].includes(first ?? '')) return print(version);
  if (first === 'help') return main([...others, '--help']);
  await cacheCompiled();
  const { commands } = await import('./commands/index.js');
  const [{ commandOf }, { readConfig }] = await Promise.all([
    import('./config/command-line.js'),
    import('./config/index.js'),
  ]);
  const names = Object.keys(commands);
  const name = commandOf(argv, names);
  const command = Object.hasOwn(commands, name) ? await commands[name]?.() : undefined;
  if (command && (argv.includes('--help') || argv.includes('-h'))) {
    const { help } = await import('./commands/help.js');
    const loaded = names.map(async (one) => [one, await commands[one]?.()]);
    return print(
      help(version, Object.fromEntries(await Promise.all(loaded)), argv.includes(name) ? name : undefined),
    );
  }
  const read = () =>
    readConfig(argv, process.env, {
      command: name,
      commands: [...names, 'help', 'version'],
      options: command?.options ?? {},
      faults: (found) => command?.faults?.(found) ?? [],
    });
  const config = await read();
  const root = await logFor(config, command?.printsResult ? process.stderr : process.stdout);
  log = root;
  if (!command || stop.signal.aborted) return 0;
  const settings = {
    async read() {
      const next = await read();
      root.hide(next.secrets);
      return next;
    },
    onHangup(run: () => void) {
      hangups.add(run);
      if (unheard) run();
      return () => hangups.delete(run);
    },
  };
  const code = await command.run({ config, version, log, signal: stop.signal, print, settings });
  if (stop.signal.aborted) log.info('stopped');
  return code;
}

/** Lets Node keep compiled code in a folder beside the program: who may write there may change the program anyway. */
async function cacheCompiled(): Promise<void> {
  // Root may write everywhere. A package manager does not know these files, and would leave them behind.
  if (process.getuid?.() === 0) return;
  // Only Node 22.1 and later have this function. Where it can't write, it returns a status and throws nothing.
  const { enableCompileCache }: NodeModules = await import('node:module');
  enableCompileCache?.(`${import.meta.dirname}/cache`);
}

interface NodeModules {
  readonly createRequire: unknown;
  readonly enableCompileCache?: (folder: string) => unknown;
}

async function logFor({ values, secrets }: Config, stream: NodeJS.WriteStream): Promise<RootLog> {
  const [{ createLog }, { LogOutput }] = await Promise.all([
    import('./base/log.js'),
    import('./base/log-output.js'),
  ]);
  const { 'log.format': wanted, 'log.level': level } = values;
  const terminal = stream.isTTY;
  const pretty = wanted === 'pretty' || (wanted === 'auto' && terminal);
  output = new LogOutput(stream);
  // An empty NO_COLOR counts as unset (no-color.org).
  const coloured = terminal && !process.env.NO_COLOR;
  return createLog({ level, format: !pretty ? 'json' : coloured ? 'coloured' : 'pretty', secrets, output });
}

/** Prints `text` on stdout; returns the exit code 0. */
function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

/** Reports the error that ends the program; resolves to the exit code. */
async function failed(error: unknown): Promise<number> {
  const { BadConfiguration, CannotStart, messageOf } = await import('./base/errors.js');
  if (error instanceof BadConfiguration) {
    process.stderr.write(`bad configuration:\n${error.faults.map((fault) => `  ${fault}`).join('\n')}\n`);
    return EX_CONFIG;
  }
  const bug = !(error instanceof CannotStart);
  const text = `${bug ? 'this is a bug: ' : ''}${messageOf(error)}`;
  const stack = bug && error instanceof Error ? error.stack : undefined;
  if (log) log.error(text, stack === undefined ? {} : { stack });
  else process.stderr.write(`${stack ?? text}\n`);
  return 1;
}

/** Ends the process with `code`: by itself after a success, at once after a stop or a failure, even if a part is stuck. */
async function end(code: number): Promise<void> {
  process.exitCode = code;
  if (code === 0 && !stop.signal.aborted) return;
  const { systemClock } = await import('./base/clock.js');
  await output?.flushed(systemClock, LOG_FLUSH_MS);
  process.exit(code);
}

await end(await main(process.argv.slice(2)).catch(failed));
