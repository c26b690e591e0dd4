import { shellScripts } from './completion-scripts.js';
import type { CliCommand } from './index.js';

export const completion: CliCommand = {
  doc: 'prints what a shell needs to complete commands, options and values',
  printsResult: true,
  options: {
    shell: { doc: 'the shell', values: ['bash', 'zsh', 'fish'], word: true },
  },
  settings: [],
  examples: [
    'source <(evse-mqtt-bridge completion bash)     # in ~/.bashrc',
    'source <(evse-mqtt-bridge completion zsh)      # in ~/.zshrc, after compinit',
    'evse-mqtt-bridge completion fish > ~/.config/fish/completions/evse-mqtt-bridge.fish',
  ],
  async run({ config, print }) {
    const { commands } = await import('./index.js');
    const loaded = await Promise.all(
      Object.entries(commands).map(async ([name, load]) => [name, await load()] as const),
    );
    // The command line has been checked against the values above.
    print(shellScripts[config.options.shell as keyof typeof shellScripts](Object.fromEntries(loaded)));
    return 0;
  },
};
