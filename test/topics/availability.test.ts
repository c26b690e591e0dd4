import test from 'ava';
import {
  type Availability,
  availabilityText,
  compareReleases,
  EVERY_BOX,
  type Generation,
  generationOfType,
  isAvailable,
} from '../../src/topics/availability.js';

const order = ['2.0.9', '2.1.0', '2.1.90', '2.2.0', '2.9.0', '2.10.0', '2.12.1'];

test('releases are compared by numbers, not by letters', (t) => {
  for (const [at, older] of order.entries()) {
    t.is(compareReleases(older, older), 0);
    for (const newer of order.slice(at + 1)) {
      t.true(compareReleases(older, newer) < 0, `${older} ${newer}`);
      t.true(compareReleases(newer, older) > 0);
    }
  }
});

const rows: readonly (readonly [Availability, Generation, release: string, there: boolean])[] = [
  [{}, 'WARP1', '2.0.0', true],
  [{}, 'WEM1', '2.0.0', false],
  [{ generations: EVERY_BOX }, 'SEB', '2.0.0', true],
  [{ since: '2.8.10' }, 'WARP1', '2.8.9', false],
  [{ since: '2.8.10' }, 'WARP1', '2.8.10', true],
  [{ until: '2.10.0' }, 'WARP2', '2.10.0', true],
  [{ until: '2.10.0' }, 'WARP2', '2.10.1', false],
  [{ generations: ['WARP2'] }, 'WARP3', '2.12.1', false],
];

for (const [row, generation, release, there] of rows) {
  test(`${JSON.stringify(row)} is ${there ? '' : 'not '}there on a ${generation} ${release}`, (t) => {
    t.is(isAvailable(row, generation, release), there);
  });
}

test('the generation of a box, whatever it calls itself', (t) => {
  t.is(generationOfType('wem2'), 'WEM2');
  for (const type of ['', 'toaster', 'constructor', '__proto__']) t.is(generationOfType(type), 'WARP1', type);
});

test('the reference says where a topic is', (t) => {
  t.is(availabilityText({}), 'Since firmware 2.0.0; WARP1, WARP2, WARP3, WARP4.');
  t.is(
    availabilityText({ since: '2.1.3', until: '2.10.0', generations: ['WARP2'] }),
    'Firmware 2.1.3 to 2.10.0; WARP2 only.',
  );
  t.is(
    availabilityText({ since: '1.9.90', writableSince: '2.1.3', generations: EVERY_BOX, needs: 'a meter' }),
    'Since firmware 1.9.90, writable since 2.1.3; every charger and energy manager, with a meter.',
  );
});
