import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { Program } from '../_program.js';
import { brokerFor, brokers, Onlooker, requireMosquitto } from '../mqtt/_brokers.js';
import { root } from './_compose.js';

test('Mosquitto is there for a second broker', requireMosquitto);

const mosquitto = brokers.find(({ name }) => name === 'mosquitto');

/** The lines for mosquitto.conf in docs/operations.md. */
function forwarding(address: string): string[] {
  const text = readFileSync(join(root, 'docs/operations.md'), 'utf8');
  const [, block = ''] = /```\n(connection house\n[\s\S]*?)```/.exec(text) ?? [];
  return block
    .replace(/^address .*$/m, `address ${address}`)
    .trim()
    .split('\n');
}

if (mosquitto) {
  test('a charger at a second broker, as docs/operations.md forwards it', async (t) => {
    const second = await brokerFor(t, mosquitto);
    const first = await brokerFor(t, mosquitto, { lines: forwarding(`127.0.0.1:${second.port}`) });
    const program = new Program(t, ['--mqtt-url', `mqtt://127.0.0.1:${first.port}`]);
    await program.says(/connected to the broker/);
    const far = await Onlooker.at(t, second.port, { protocolVersion: 5 });
    await far.sees('warp/bridge/state', 'online');
    await far.sees('warp/evse/external_current', '{"current":32000}');
    far.client.publish('warp/evse/external_current_update', '10000');
    await far.sees('warp/evse/external_current', '{"current":10000}');
    await far.sees('warp/bridge/response', /"topic":"evse\/external_current","status":"ok"/);
    far.client.publish('warp/evse/global_current_update', '10000');
    const late = await Onlooker.at(t, second.port, { protocolVersion: 5 }, 'warp/evse/#');
    await late.sees('warp/evse/external_current', '{"current":10000}');
    t.is(late.newest.get('warp/evse/global_current'), '{"current":32000}', 'only what is named goes back');
    program.child.kill('SIGTERM');
    t.is(await program.ended, 0);
    await far.sees('warp/bridge/state', 'offline');
    t.is(far.all('warp/bridge/response').length, 1, 'nothing runs in circles');
  });
}
