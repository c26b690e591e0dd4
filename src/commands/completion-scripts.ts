import { GENERAL_OPTIONS, type OptionText, ownOptions, settingOptions, wordOf } from './command-options.js';
import type { CliCommand } from './index.js';

type Commands = Readonly<Record<string, CliCommand>>;

/** Makes the completion script of each shell. */
export const shellScripts = { bash, zsh, fish } as const;

const optionsOf = (command: CliCommand): OptionText[] => [
  ...ownOptions(command),
  ...command.settings.flatMap(settingOptions),
  ...GENERAL_OPTIONS,
];

/** The options of all commands, each name once. */
function distinct(commands: Commands): OptionText[] {
  const all = Object.values(commands).flatMap(optionsOf);
  return [...new Map(all.map((option) => [option.name, option])).values()];
}

/** Branches of `case` that complete the value of an option: its values, names of files, or nothing. */
function valueBranches(commands: Commands, values: (words: string) => string, files: string): string[] {
  const options = distinct(commands);
  // An option can have other values in each command, as --format has.
  const valuesOf = (name: string) => [
    ...new Set(
      Object.values(commands)
        .flatMap(optionsOf)
        .filter((option) => option.name === name)
        .flatMap((option) => option.values),
    ),
  ];
  const named = options.filter(({ sign }) => sign === 'FILE').map(({ name }) => `--${name}`);
  const anything = options.filter(
    ({ sign, values: few }) => sign !== undefined && sign !== 'FILE' && few.length === 0,
  );
  return [
    ...options
      .filter((option) => option.values.length > 0)
      .map(({ name }) => `    --${name}) ${values(valuesOf(name).join(' '))}; return ;;`),
    `    -c|${named.join('|')}) ${files}; return ;;`,
    `    ${anything.map(({ name }) => `--${name}`).join('|')}) return ;;`,
  ];
}

function bash(commands: Commands): string {
  const names = Object.keys(commands).join(' ');
  const reply = (words: string) => `mapfile -t COMPREPLY < <(compgen -W '${words}' -- "$current")`;
  const branches = Object.entries(commands).map(([name, command]) => {
    const words = optionsOf(command).map((option) => `--${option.name}`);
    return `    ${name}) words='${[...(wordOf(command)?.values ?? []), ...words].join(' ')}' ;;`;
  });
  return `# evse-mqtt-bridge: completion for bash. source <(evse-mqtt-bridge completion bash)
_evse_mqtt_bridge() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command= word words
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in ${names.replaceAll(' ', '|')}) command=$word ;; esac
  done
  case $before in
${valueBranches(commands, reply, 'mapfile -t COMPREPLY < <(compgen -f -- "$current")').join('\n')}
  esac
  case \${command:-run} in
${branches.join('\n')}
  esac
  [ -n "$command" ] || words="${names} help version $words"
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -o filenames -F _evse_mqtt_bridge evse-mqtt-bridge`;
}

function zsh(commands: Commands): string {
  const names = Object.keys(commands).join(' ');
  const branches = Object.entries(commands).map(([name, command]) => {
    const words = optionsOf(command).map((option) => `--${option.name}`);
    return `    ${name}) compadd -- ${[...(wordOf(command)?.values ?? []), ...words].join(' ')} ;;`;
  });
  return `#compdef evse-mqtt-bridge
# evse-mqtt-bridge: completion for zsh. source <(evse-mqtt-bridge completion zsh), after compinit
_evse_mqtt_bridge() {
  local command= word
  for word in \${words[2,CURRENT-1]}; do
    case $word in ${names.replaceAll(' ', '|')}) command=$word ;; esac
  done
  case \${words[CURRENT-1]} in
${valueBranches(commands, (words) => `compadd -- ${words}`, '_files').join('\n')}
  esac
  [[ -n $command ]] || compadd -- ${names} help version
  case \${command:-run} in
${branches.join('\n')}
  esac
}
compdef _evse_mqtt_bridge evse-mqtt-bridge
# As a file of its own it is loaded by its first use, and has to answer that.
if [[ $funcstack[1] = _evse-mqtt-bridge ]]; then _evse_mqtt_bridge; fi`;
}

function fish(commands: Commands): string {
  const names = Object.keys(commands);
  const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const start = 'complete -c evse-mqtt-bridge';
  const seen = `__fish_seen_subcommand_from ${names.join(' ')}`;
  const lines = Object.entries(commands).flatMap(([name, command]) => {
    // Without a command, `run` is meant.
    const here = `__fish_seen_subcommand_from ${name}${name === 'run' ? `; or not ${seen}` : ''}`;
    const word = wordOf(command);
    return [
      `${start} -n ${quoted(`not ${seen}`)} -a ${name} -d ${quoted(command.doc)}`,
      ...(word
        ? [`${start} -n ${quoted(here)} -a ${quoted((word.values ?? []).join(' '))} -d ${quoted(word.doc)}`]
        : []),
      ...optionsOf(command).map((option) => {
        const takes =
          option.sign === undefined
            ? ''
            : option.sign === 'FILE'
              ? ' -r -F'
              : option.values.length > 0
                ? ` -x -a ${quoted(option.values.join(' '))}`
                : ' -x';
        return `${start} -n ${quoted(here)} -l ${option.name}${takes} -d ${quoted(option.doc)}`;
      }),
    ];
  });
  return `# evse-mqtt-bridge: completion for fish\n${start} -f\n${lines.join('\n')}`;
}
