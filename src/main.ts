#!/usr/bin/env node
// No value is imported at the top: an old Node.js has to understand this file to the end to say that it is too old,
// and signals have to be heard before anything is loaded.
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

/** How long a reader of the log may hold up the end of the process, ms. */
const LAST_WORDS_MS = 1_000;

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
let unheard = false;
// A terminal that closes is no reason to end, so a command that does not listen goes on.
process.on('SIGHUP', () => {
  unheard = hangups.size === 0;
  for (const run of hangups) run();
});
// Node would open its debugger to everybody on this machine; `--inspect` is for those who want it.
process.on('SIGUSR1', () => {});
// A reader that goes away ends no daemon; what it missed is lost.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    failed(error).then(end, () => process.exit(1));
  });
}
// A variable of a library that prints everything, passwords included; LOG_LEVEL=debug is ours.
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

/** Keeps what V8 has compiled beside the program: who may write there may change the program, too. */
async function cacheCompiled(): Promise<void> {
  // Root may write everywhere: a package would leave what it does not know of behind.
  if (process.getuid?.() === 0) return;
  // The types are those of the oldest Node; 22.1 and later have it. Where nothing can be written it says so and goes on.
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

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

/** Says why the program ends; resolves to the exit code. */
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

/** Ends the process with `code`. After a stop or a failure nothing that is stuck may hold it. */
async function end(code: number): Promise<void> {
  process.exitCode = code;
  if (code === 0 && !stop.signal.aborted) return;
  const { systemClock } = await import('./base/clock.js');
  await output?.flushed(systemClock, LAST_WORDS_MS);
  process.exit(code);
}

await end(await main(process.argv.slice(2)).catch(failed));
