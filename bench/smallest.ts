// The smallest possible bridge, as anybody might write it: no checks, no answers, no last will, no fall-back.
// usage: node smallest.js CHARGER_HOST BROKER_PORT PREFIX QOS
import { request } from 'node:http';
import mqtt from 'mqtt';
import { WebSocket } from 'ws';

const [charger = '', port = '', prefix = '', qos = '0'] = process.argv.slice(2);
const client = mqtt.connect({ host: '127.0.0.1', port: Number(port), protocol: 'mqtt', protocolVersion: 5 });
const options = { retain: true, qos: Number(qos) as 0 | 1 };

client.on('connect', () => client.subscribe(`${prefix}/evse/+`));
client.on('message', (topic, payload) => {
  if (!topic.endsWith('_update')) return;
  const put = request(`http://${charger}${topic.slice(prefix.length)}`, { method: 'PUT' }, (answer) =>
    answer.resume(),
  );
  put.end(payload);
});

const socket = new WebSocket(`ws://${charger}/ws`);
socket.on('message', (data) => {
  for (const line of data.toString().split('\n')) {
    if (line === '') continue;
    const { topic, payload } = JSON.parse(line) as { topic: string; payload: unknown };
    client.publish(`${prefix}/${topic}`, JSON.stringify(payload), options);
  }
});
