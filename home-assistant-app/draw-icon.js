// Draws evse_mqtt_bridge/icon.png, 128 × 128: a flash on a rounded square. node home-assistant-app/draw-icon.js
import { writeFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';

const SIZE = 128;
const FINE = 4;
const GROUND = [24, 92, 122];
const FLASH = [255, 209, 64];
const flash = [
  [74, 14],
  [32, 74],
  [59, 74],
  [52, 114],
  [96, 52],
  [68, 52],
];

function inSquare(x, y) {
  const [radius, low, high] = [24, 28, SIZE - 28];
  const dx = Math.max(low - x, 0, x - high);
  const dy = Math.max(low - y, 0, y - high);
  return Math.hypot(dx, dy) <= radius;
}

function inFlash(x, y) {
  let inside = false;
  flash.forEach(([ax, ay], at) => {
    const [bx, by] = flash[(at + 1) % flash.length];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  });
  return inside;
}

/** Red, green, blue and opacity of a pixel, averaged over FINE × FINE points in it. */
function pixel(column, row) {
  const sum = [0, 0, 0];
  let covered = 0;
  for (let at = 0; at < FINE * FINE; at++) {
    const x = column + ((at % FINE) + 0.5) / FINE;
    const y = row + (Math.floor(at / FINE) + 0.5) / FINE;
    if (!inSquare(x, y)) continue;
    covered += 1;
    const colour = inFlash(x, y) ? FLASH : GROUND;
    colour.forEach((value, channel) => {
      sum[channel] += value;
    });
  }
  return [
    ...sum.map((value) => Math.round(value / Math.max(covered, 1))),
    Math.round((255 * covered) / FINE ** 2),
  ];
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

const header = Buffer.from([0, 0, 0, SIZE, 0, 0, 0, SIZE, 8, 6, 0, 0, 0]);
const lines = Array.from({ length: SIZE }, (_, row) =>
  Buffer.from([0, ...Array.from({ length: SIZE }, (_, column) => pixel(column, row)).flat()]),
);
writeFileSync(
  new URL('evse_mqtt_bridge/icon.png', import.meta.url),
  Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(lines), { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]),
);
