// npm run bench                  all benchmarks
// npm run bench -- short         the same, small: seconds instead of minutes
// npm run bench -- model         only that one
// npm run bench -- --also DIR    another checkout of this project beside it, bundled there
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { benchBridge } from './bridge.js';
import { benchCheckers } from './checkers.js';
import { benchFleet } from './fleet.js';
import { benchModel } from './model.js';
import { benchPage } from './page.js';
import { benchScaling } from './scaling.js';
import { benchStorm } from './storm.js';

const benches = {
  bridge: benchBridge,
  fleet: benchFleet,
  scaling: benchScaling,
  page: benchPage,
  storm: benchStorm,
  model: benchModel,
  checkers: benchCheckers,
};

const { values, positionals } = parseArgs({
  options: { also: { type: 'string' } },
  allowPositionals: true,
});
const short = positionals.includes('short');
const names = positionals.filter((word) => word !== 'short');
const unknown = names.find((name) => !Object.hasOwn(benches, name));
if (unknown !== undefined) {
  console.error(`there is no benchmark ${unknown}: ${Object.keys(benches).join(', ')}`);
  process.exit(1);
}
const wanted = Object.entries(benches).filter(([name]) => names.length === 0 || names.includes(name));

console.log(
  `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}${short ? ', short form' : ''}`,
);
for (const [name, bench] of wanted) console.log(`\n${name}\n${await bench(short, values)}`);
process.exit(0);
