import { Duplex } from 'node:stream';
import test from 'ava';
import { LogLimiter } from '../../src/base/log-limiter.js';
import { LinkConnection } from '../../src/mqtt/link-connection.js';
import { LinkFaults } from '../../src/mqtt/link-faults.js';
import { Subscriptions } from '../../src/mqtt/subscriptions.js';
import { FakeClock, FakeLog } from '../_fakes.js';

test('a connection that is opened when the stop has come already ends at once', async (t) => {
  const [clock, log] = [new FakeClock(), new FakeLog()];
  const connection = new LinkConnection({
    session: {
      protocol: 'mqtt',
      host: '127.0.0.1',
      port: 1,
      clientId: 'late',
      protocolVersion: 5,
      keepalive: 60,
      rejectUnauthorized: true,
      maximumPacketSize: Number.POSITIVE_INFINITY,
      highestSubscriptionQos: 1,
      subscribedWithinMs: 10_000,
      connectTimeoutMs: 10_000,
      openStream: () => new Duplex({ read() {}, write: (_, __, done) => done() }),
      clock,
      log,
    },
    subscriptions: new Subscriptions(1),
    faults: new LinkFaults(clock, log, () => {}),
    limiter: new LogLimiter(clock, log),
    hasFrozen: () => false,
    accepted: () => true,
    publishAll() {},
  });
  const ending = await connection.ended(AbortSignal.abort());
  t.false(ending.accepted);
});
