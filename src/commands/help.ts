import { optionName, rows } from '../config/settings.js';
import type { CliCommand } from './index.js';

/** What `--help` prints, made from the commands and the settings. */
export async function help(
  version: string,
  commands: Readonly<Record<string, () => Promise<CliCommand>>>,
): Promise<string> {
  const names = Object.keys(commands);
  const width = Math.max(...names.map((name) => name.length));
  const described = await Promise.all(
    Object.entries(commands).map(async ([name, load]) => {
      const { doc, options = {} } = await load();
      const own = Object.entries(options).map(
        ([option, { doc: what, values }]) =>
          `  ${' '.repeat(width)}  --${option} ${values?.join('|') ?? '…'}: ${what}`,
      );
      return [`  ${name.padEnd(width)}  ${doc}`, ...own].join('\n');
    }),
  );
  const settings = rows.map(([, { env, kind, default: preset, doc }]) => {
    const shown = preset === undefined ? '' : ` [${String(kind.write?.(preset) ?? preset)}]`;
    return `  --${optionName(env)}${kind.flag ? '' : ' …'}${shown}\n      ${doc}`;
  });
  return `evse-mqtt-bridge ${version}: between a WARP charger and an MQTT broker

usage: evse-mqtt-bridge [${names.join(' | ')}] [options]

${described.join('\n')}

  --config FILE   settings in a YAML or JSON file (CONFIG_FILE)
  --version, --help

Every option is a variable too: --mqtt-url is MQTT_URL. Order: defaults, file, environment, command line.

${settings.join('\n')}`;
}
