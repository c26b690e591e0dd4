#!/usr/bin/env node
import { BadConfiguration, CannotStart, messageOf } from './base/errors.js';
import { createLog, type Log } from './base/log.js';
import { commands, readConfig } from './config/index.js';
import { optionName, rows } from './config/settings.js';

/** Exit codes (contract 1). */
const EX_CONFIG = 78;

const version = process.env.EVSE_MQTT_BRIDGE_VERSION ?? 'dev';

async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--version')) return say(version);
  if (argv.includes('--help') || argv.includes('-h')) return say(help());
  const config = await readConfig(argv, process.env);
  if (config.command === 'topics') {
    const { reference } = await import('./commands/topics.js');
    return say(reference(config));
  }
  const { 'log.format': wanted, 'log.level': level } = config.values;
  const auto = process.stdout.isTTY ? 'coloured' : 'json';
  const format = wanted === 'auto' ? auto : wanted === 'pretty' && process.stdout.isTTY ? 'coloured' : wanted;
  const log = createLog({ level, format, secrets: config.secrets });
  if (config.command === 'check') {
    const { check } = await import('./commands/check.js');
    const quiet = createLog({ level: 'error', format, secrets: config.secrets });
    const well = await check(config, quiet, ({ ok, text }) => say(`${ok ? 'ok  ' : 'FAIL'} ${text}`));
    return well ? 0 : 1;
  }
  const run =
    config.command === 'simulate'
      ? (await import('./commands/simulate.js')).runSimulator
      : (await import('./commands/run.js')).runDaemon;
  try {
    await run(config, version, log, untilStopped(log));
  } catch (error) {
    if (error instanceof BadConfiguration) throw error;
    const bug = error instanceof Error && !(error instanceof CannotStart) ? error.stack : undefined;
    log.error(messageOf(error), bug === undefined ? {} : { stack: bug });
    return 1;
  }
  log.info('stopped');
  return 0;
}

/** Aborted by SIGTERM and SIGINT; the second one ends the process at once. */
function untilStopped(log: Log): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(1);
      log.info(`${name}: stopping`);
      stop.abort();
    });
  }
  const crash = (error: unknown) => {
    log.error(
      `this is a bug: ${messageOf(error)}`,
      error instanceof Error && error.stack ? { stack: error.stack } : {},
    );
    process.exit(1);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  return stop.signal;
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function help(): string {
  const lines = rows.map(([, { env, kind, default: preset, doc }]) => {
    const shown =
      preset === undefined ? '' : ` [${Array.isArray(preset) ? preset.join(',') : String(preset)}]`;
    return `  --${optionName(env)}${kind.flag ? '' : ' …'}${shown}\n      ${doc}`;
  });
  return `evse-mqtt-bridge ${version}: between a WARP charger and an MQTT broker

usage: evse-mqtt-bridge [${commands.join(' | ')}] [options]

  run       the daemon (default)
  simulate  serves the built-in model through the charger's own HTTP and WebSocket API
  check     tries broker and charger for real, says what to do; exit 0 or 1
  topics    the topic reference: --format markdown, json or mosquitto-acl

  --config FILE   settings in a YAML or JSON file (CONFIG_FILE)
  --version, --help

Every option is a variable too: --mqtt-url is MQTT_URL. Order: defaults, file, environment, command line.

${lines.join('\n')}`;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof BadConfiguration) {
    process.stderr.write(`bad configuration:\n${error.faults.map((fault) => `  ${fault}`).join('\n')}\n`);
    process.exitCode = EX_CONFIG;
  } else {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}
