import { Writable } from 'node:stream';
import test from 'ava';
import { AckWatch } from '../../src/mqtt/ack-watch.js';
import { limitsOf } from '../../src/mqtt/broker-limits.js';
import type { Message } from '../../src/mqtt/link.js';
import { Outbox } from '../../src/mqtt/outbox.js';
import { FakeClock } from '../_fakes.js';

/** A socket whose other side reads only when it is told to. */
class Reader extends Writable {
  readonly taken: string[] = [];
  #resume: (() => void) | undefined;
  reads = true;

  override _write(bytes: Buffer, _: string, done: () => void): void {
    this.taken.push(bytes.toString('latin1'));
    if (this.reads) done();
    else this.#resume = done;
  }

  readAll(): void {
    this.reads = true;
    this.#resume?.();
  }
}

const message = (payload: string, topic = 'warp/evse/state'): Message => ({
  topic,
  payload,
  retain: true,
  qos: 0,
});

function outboxTo(stream: Writable): Outbox {
  const clock = new FakeClock();
  return new Outbox({
    stream,
    version: 5,
    limits: limitsOf(),
    maximumPacketSize: Number.POSITIVE_INFINITY,
    acks: new AckWatch({ clock, withinMs: 1_000, ask() {}, heardAt: () => clock.now(), overdue() {} }),
    settled() {},
  });
}

/** The end of a turn, when what was gathered is written. */
const turn = () => new Promise((done) => setImmediate(done));

test('while the socket keeps up nothing of QoS 0 is left out, however much comes in one turn', async (t) => {
  const reader = new Reader();
  const outbox = outboxTo(reader);
  const payloads = Array.from({ length: 20_000 }, (_, at) => `<${at}>`);
  for (const payload of payloads) outbox.put(message(payload));
  await turn();
  t.deepEqual(reader.taken.join('').match(/<\d+>/g), payloads);
});

test('a broker that does not read costs little memory, gets the newest, and then the farewell', async (t) => {
  const reader = new Reader();
  reader.reads = false;
  const outbox = outboxTo(reader);
  for (let at = 0; at < 200; at++) {
    for (let more = 0; more < 100; more++) outbox.put(message(`<${at} ${more}> ${'x'.repeat(100)}`));
    await turn();
  }
  t.true(reader.writableLength < 400_000, `${reader.writableLength} bytes wait`);
  let said = false;
  void outbox.last(message('offline')).then(() => {
    said = true;
  });
  await turn();
  t.false(said);
  reader.readAll();
  while (!said) await turn();
  const all = reader.taken.join('');
  t.true(all.length < 500_000, `${all.length} bytes were kept`);
  t.true(all.indexOf('<199 99>') > 0 && all.endsWith('offline'));
});
