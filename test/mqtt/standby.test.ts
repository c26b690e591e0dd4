import test, { type ExecutionContext } from 'ava';
import { ByteBroker, type ByteConnection, type Rule } from './_byte-broker.js';
import { LinkSetup, WILL } from './_link.js';

const ID = 'evse-mqtt-bridge-warp';

/** A broker that knows one topic: it retains what is published there, and sends it to who has subscribed. */
class WillBroker {
  retained = 'online';
  broker!: ByteBroker;

  static async start(t: ExecutionContext): Promise<WillBroker> {
    const made = new WillBroker();
    made.broker = await ByteBroker.start(t, (packet, connection) => made.#rule(packet, connection));
    return made;
  }

  /** Connections with this client id, oldest first. */
  of(clientId: string): ByteConnection[] {
    return this.broker.connections.filter((one) => one.of('connect')[0]?.clientId === clientId);
  }

  /** Another client comes with the id of the bridge: the bridge is thrown out. */
  takeOver(): void {
    const bridge = this.of(ID).at(-1);
    bridge?.send({ cmd: 'disconnect', reasonCode: 0x8e });
    bridge?.socket.end();
  }

  /** Somebody else says `payload` on the topic of the state. */
  says(payload: string): void {
    this.retained = payload;
    for (const one of this.broker.connections) if (one.of('subscribe').length > 0) this.#send(one, false);
  }

  #rule: Rule = (packet, connection) => {
    if (packet.cmd === 'publish' && packet.topic === WILL.topic) this.retained = packet.payload.toString();
    if (packet.cmd !== 'subscribe') return false;
    const { messageId = 0, subscriptions } = packet;
    connection.send({ cmd: 'suback', messageId, granted: subscriptions.map(() => 1) });
    if (subscriptions.some(({ topic }) => topic === WILL.topic)) this.#send(connection, true);
    return true;
  };

  #send(connection: ByteConnection, retain: boolean): void {
    connection.send({
      cmd: 'publish',
      topic: WILL.topic,
      payload: this.retained,
      qos: 0,
      retain,
      dup: false,
    });
  }
}

async function thrownOut(t: ExecutionContext) {
  const broker = await WillBroker.start(t);
  const setup = new LinkSetup(t, broker.broker.port).start();
  await setup.isUp();
  broker.takeOver();
  await setup.passUntil(() => broker.of(`${ID}-standby`).length === 1, 'the standby', 1);
  return { broker, setup };
}

test('who is thrown out by another with its client id stands by, and says so once', async (t) => {
  const { broker, setup } = await thrownOut(t);
  await setup.pass(10 * 60_000);
  t.is(broker.of(ID).length, 1, 'it does not throw the other one out');
  t.false(setup.link.up);
  t.is(setup.failures.at(-1)?.reason, 'taken_over');
  t.deepEqual(setup.log.texts('error'), [
    `no connection to the broker at mqtt://127.0.0.1:${broker.broker.port}: it ended the connection: another client with the same client id took over; give each bridge its own MQTT_CLIENT_ID or prefix; standing by until warp/bridge/state is offline`,
  ]);
  t.is(broker.of(`${ID}-standby`)[0]?.of('connect')[0]?.will, undefined);
});

test('when the other one is gone for some seconds its place is taken', async (t) => {
  const { broker, setup } = await thrownOut(t);
  broker.says('offline');
  await setup.pass(3_000);
  broker.says('online');
  await setup.pass(30_000);
  t.is(broker.of(ID).length, 1, 'it was only reconnecting');
  broker.says('offline');
  const before = setup.clock.now();
  await setup.passUntil(() => setup.ups === 2, 'the take-over');
  t.true(setup.clock.now() - before >= 5_000 && setup.clock.now() - before < 12_000);
  t.is(broker.of(ID).length, 2);
});

test('what was retained before the broker was away is not believed', async (t) => {
  const { broker, setup } = await thrownOut(t);
  broker.of(`${ID}-standby`)[0]?.socket.destroy();
  await setup.passUntil(() => broker.of(`${ID}-standby`).length === 2, 'the next standby');
  await setup.passUntil(() => setup.ups === 2, 'the take-over', 1_000);
  t.true(setup.clock.now() > 60_000);
});

test('a stop ends the standby at once', async (t) => {
  const { broker, setup } = await thrownOut(t);
  const before = setup.clock.now();
  await setup.stop();
  t.true(setup.clock.now() - before < 200);
  t.is(broker.of(ID).length, 1);
});
