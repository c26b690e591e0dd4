import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import type { ExecutionContext } from 'ava';
import { until } from './_until.js';

export const root = resolve(import.meta.dirname, '../..');
/** The program as it ships. */
export const main = join(root, 'dist/main.js');

/** The program in a process of its own, which ends with the test. */
export class Program {
  readonly child: ChildProcess;
  /** The exit code; null where a signal ended it. */
  readonly ended: Promise<number | null>;
  out = '';
  err = '';

  /** Without a port for the page unless `env` names one. `preload` is run before the program. */
  constructor(
    t: ExecutionContext,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    preload?: string,
  ) {
    const before =
      preload === undefined ? [] : ['--import', `data:text/javascript,${encodeURIComponent(preload)}`];
    this.child = spawn(process.execPath, [...before, main, ...args], {
      env: { PATH: process.env.PATH ?? '', HTTP_PORT: '0', ...env },
    });
    t.teardown(() => this.child.kill('SIGKILL'));
    this.child.stdout?.on('data', (text) => {
      this.out += text;
    });
    this.child.stderr?.on('data', (text) => {
      this.err += text;
    });
    this.ended = new Promise((done) => this.child.once('close', (code) => done(code)));
  }

  says(pattern: RegExp): Promise<void> {
    return until(
      () => pattern.test(this.out),
      () => `${pattern} in:\n${this.out}${this.err}`,
    );
  }
}
