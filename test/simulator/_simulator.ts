import { connect, type Socket } from 'node:net';
import type { ExecutionContext } from 'ava';
import { WebSocket } from 'ws';
import { ModelBackend } from '../../src/backend/model/index.js';
import type { Json } from '../../src/base/json.js';
import { Charger } from '../../src/charger/charger.js';
import { Controller } from '../../src/model/controller.js';
import type { ModelType } from '../../src/model/generations/model-type.js';
import type { Firmware } from '../../src/simulator/profile.js';
import { startSimulator } from '../../src/simulator/simulated-charger.js';
import type { WebInterface } from '../../src/simulator/web-interface.js';
import { modelTopics } from '../../src/topics/index.js';
import { FakeClock, FakeLog, openPolicy } from '../_fakes.js';
import { until as eventually } from '../_until.js';

export interface World {
  readonly port: number;
  readonly clock: FakeClock;
  readonly log: FakeLog;
  readonly controller: Controller;
  readonly charger: Charger;
  /** What was handed to the model. */
  readonly writes: { path: string; value: Json }[];
}

export interface WorldOptions {
  readonly type?: ModelType;
  readonly firmware?: Firmware;
  readonly username?: string;
  readonly password?: string;
  readonly web?: WebInterface;
}

/** The real model behind a simulated charger, on a clock that a test moves; nothing is plugged in. */
export async function world(t: ExecutionContext, options: WorldOptions = {}): Promise<World> {
  const clock = new FakeClock();
  const log = new FakeLog();
  const { type = 'warp1' } = options;
  const controller = new Controller({ noise: false, type });
  const topics = modelTopics(type);
  const backend = new ModelBackend({ controller, topics, clock, log, timeScale: 1 });
  const policy = { ...openPolicy, flashInterval: 0 };
  const charger = new Charger({ topics, backend, clock, log, policy, mirror: ['*'], passthrough: false });
  const stop = new AbortController();
  void charger.run(stop.signal);
  await clock.pass(13_000);
  const writes: World['writes'] = [];
  const simulator = await startSimulator({
    charger,
    write(path, value) {
      writes.push({ path, value });
      return backend.write(path, value);
    },
    host: '127.0.0.1',
    port: 0,
    clock,
    log,
    ...options,
  });
  t.teardown(async () => {
    await simulator.close();
    stop.abort();
  });
  return { port: simulator.port, clock, log, controller, charger, writes };
}

export interface Reply {
  readonly status: number;
  /** Header lines as they came, without the status line. */
  readonly headers: readonly string[];
  readonly body: string;
}

/** A connection on which a test says exactly what goes over the wire. */
export class Line {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #closed = false;
  #bodiless = false;
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (data) => {
      this.#received = Buffer.concat([this.#received, data]);
      this.#wake();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
  }

  static open(port: number): Promise<Line> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      socket.once('connect', () => resolve(new Line(socket)));
      socket.once('error', reject);
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  send(data: string | Buffer): void {
    this.socket.write(data);
  }

  /** One request with a body of the right length. */
  request(method: string, path: string, body?: string | Buffer, headers: readonly string[] = []): void {
    const length = body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
    const head = [`${method} ${path} HTTP/1.1`, 'Host: charger', ...headers, ...length].join('\r\n');
    this.#bodiless = method === 'HEAD';
    this.send(Buffer.concat([Buffer.from(`${head}\r\n\r\n`), Buffer.from(body ?? '')]));
  }

  /** The next answer. Fails when the connection ends before it is complete. */
  async reply(): Promise<Reply> {
    for (;;) {
      const end = this.#received.indexOf('\r\n\r\n');
      const [first = '', ...headers] = this.#received.subarray(0, Math.max(end, 0)).toString().split('\r\n');
      const length = this.#bodiless
        ? 0
        : Number(/^content-length: (\d+)$/im.exec(headers.join('\n'))?.[1] ?? 0);
      const total = end + 4 + length;
      if (end >= 0 && this.#received.length >= total) {
        const body = this.#received.subarray(end + 4, total).toString();
        this.#received = this.#received.subarray(total);
        return { status: Number(first.split(' ')[1]), headers, body };
      }
      if (this.#closed)
        throw new Error(`the connection ended after ${JSON.stringify(this.#received.toString())}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async untilClosed(): Promise<void> {
    while (!this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  end(): void {
    this.socket.destroy();
  }
}

/** One request on a connection of its own. */
export async function ask(
  port: number,
  method: string,
  path: string,
  body?: string | Buffer,
  headers: readonly string[] = [],
): Promise<Reply> {
  const line = await Line.open(port);
  line.request(method, path, body, headers);
  const reply = await line.reply();
  line.end();
  return reply;
}

/** What a topic shows. */
export async function shown(port: number, path: string): Promise<unknown> {
  const { status, body } = await ask(port, 'GET', path);
  return status === 200 ? JSON.parse(body) : status;
}

/** A WebSocket client that keeps everything it was sent. */
export class Listener {
  readonly ws: WebSocket;
  readonly frames: string[] = [];
  code: number | undefined;
  pings = 0;

  constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on('message', (data) => this.frames.push(String(data)));
    ws.on('ping', () => {
      this.pings += 1;
    });
    ws.on('close', (code) => {
      this.code = code;
    });
    ws.on('error', () => {});
  }

  static async open(t: ExecutionContext, port: number, autoPong = true): Promise<Listener> {
    const listener = new Listener(new WebSocket(`ws://127.0.0.1:${port}/ws`, { autoPong }));
    t.teardown(() => listener.ws.terminate());
    await until(() => listener.ws.readyState === WebSocket.OPEN || listener.code !== undefined);
    return listener;
  }

  /** Everything said so far, line by line. */
  lines(): { topic: string; payload: unknown }[] {
    const lines = this.frames.join('').split('\n');
    return lines
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { topic: string; payload: unknown });
  }
}

/** Waits until `holds`; only a failing test waits long. */
export function until(holds: () => boolean): Promise<void> {
  return eventually(holds, () => holds.toString());
}
