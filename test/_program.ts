import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import type { ExecutionContext } from 'ava';
import { until } from './_until.js';

export const root = resolve(import.meta.dirname, '../..');
const main = join(root, 'dist/main.js');

/** The program as it ships, in a process of its own. */
export class Program {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  out = '';
  err = '';

  constructor(t: ExecutionContext, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.child = spawn(process.execPath, [main, ...args], { env: { PATH: process.env.PATH ?? '', ...env } });
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
