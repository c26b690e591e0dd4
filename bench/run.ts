// npm run bench            all benchmarks
// npm run bench -- short   the same, small: seconds instead of minutes
// npm run bench -- model   only that one
import { cpus } from 'node:os';
import { benchBridge } from './bridge.js';
import { benchCheckers } from './checkers.js';
import { benchModel } from './model.js';
import { benchStorm } from './storm.js';

const benches = { bridge: benchBridge, storm: benchStorm, model: benchModel, checkers: benchCheckers };

const words = process.argv.slice(2);
const short = words.includes('short');
const wanted = Object.entries(benches).filter(([name]) =>
  words.every((word) => word === 'short' || word === name),
);

console.log(
  `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}${short ? ', short form' : ''}`,
);
for (const [name, bench] of wanted) console.log(`\n${name}\n${await bench(short)}`);
process.exit(0);
