import test from 'ava';
import type { Json } from '../../../src/base/json.js';
import { EntityInventory } from '../../../src/outlets/homeassistant/entity-inventory.js';
import { chargerTopics } from '../../../src/topics/index.js';

test('what is told again as it was brings no other document', (t) => {
  const shown = new Map<string, Json>([
    ['info/name', { type: 'warp3' }],
    ['evse/charge_mode', { mode: 0 }],
  ]);
  const inventory = new EntityInventory({
    rows: chargerTopics().rows,
    shown: shown.keys(),
    read: (path) => shown.get(path),
    isPermitted: () => true,
  });
  const modes = 'evse/supported_charge_modes';
  const keys = () => inventory.items(() => false).map(({ entity }) => entity.key);
  t.false(keys().includes('charge_mode'));
  shown.set(modes, [0, 1, 2]);
  t.true(inventory.look(modes), 'only now the mode can be chosen');
  t.true(keys().includes('charge_mode'));
  t.false(inventory.look(modes), 'told again after a document');
  shown.set(modes, [0, 1, 2, 3]);
  t.true(inventory.look(modes), 'one more to choose');
});
