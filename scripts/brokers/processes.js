// Starting and ending programs, and waiting.
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { connect, createServer } from 'node:net';
import { delimiter, join } from 'node:path';

const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** The program `name` of the path or of the folders for services; undefined where there is none. */
export function installed(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A program that was started; `said` is what it wrote. */
export function started(command, args, env = {}) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const run = {
    said: '',
    ended: new Promise((done) => child.once('close', done)),
    signal: (name) => child.kill(name),
    async end(name = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(name);
      const killer = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await run.ended;
      clearTimeout(killer);
    },
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      run.said = (run.said + text).slice(-100_000);
    });
  }
  running.add(child);
  child.once('close', () => running.delete(child));
  return run;
}

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Waits until `condition`; returns the ms that it took, undefined where it never came. */
export async function until(condition, withinMs) {
  const since = performance.now();
  while (performance.now() - since < withinMs) {
    if (await condition()) return Math.round(performance.now() - since);
    await pause(20);
  }
  return undefined;
}

/** The outcome of `work`, or a failure where it takes longer. */
export async function within(ms, work) {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error(`not done within ${ms / 1_000} s`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** `count` ports that are free. */
export async function freePorts(count) {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((done) => {
          const server = createServer();
          server.listen(0, '127.0.0.1', () => done(server));
        }),
    ),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

export const reachable = (port) =>
  new Promise((done) => {
    const socket = connect({ host: '127.0.0.1', port }, () => {
      socket.destroy();
      done(true);
    });
    socket.on('error', () => done(false));
  });
