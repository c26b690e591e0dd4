// The smallest possible bridge, as anybody might write it: no checks, no answers, no last will, no fall-back.
// usage: node smallest.js BROKER_PORT QOS PREFIX=CHARGER_HOST...
import { request } from 'node:http';
import mqtt from 'mqtt';
import { WebSocket } from 'ws';

const [port = '', qos = '0', ...chargers] = process.argv.slice(2);
const client = mqtt.connect({ host: '127.0.0.1', port: Number(port), protocol: 'mqtt', protocolVersion: 5 });
const options = { retain: true, qos: Number(qos) as 0 | 1 };
const hosts = new Map(chargers.map((one) => one.split('=') as [prefix: string, host: string]));

client.on('connect', () => client.subscribe([...hosts.keys()].map((prefix) => `${prefix}/evse/+`)));
client.on('message', (topic, payload) => {
  if (!topic.endsWith('_update')) return;
  const [prefix = ''] = topic.split('/');
  const url = `http://${hosts.get(prefix)}${topic.slice(prefix.length)}`;
  request(url, { method: 'PUT' }, (answer) => answer.resume()).end(payload);
});

for (const [prefix, host] of hosts) {
  new WebSocket(`ws://${host}/ws`).on('message', (data) => {
    for (const line of data.toString().split('\n')) {
      if (line === '') continue;
      const { topic, payload } = JSON.parse(line) as { topic: string; payload: unknown };
      client.publish(`${prefix}/${topic}`, JSON.stringify(payload), options);
    }
  });
}
