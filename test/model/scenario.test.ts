import test from 'ava';
import { Controller } from '../../src/model/controller.js';
import { Scenario } from '../../src/model/scenario.js';
import { energyOf, powerOf } from './_timed-controller.js';

/** Runs the demo and notes each new act with what the charger shows at its end. */
class Show {
  readonly controller = new Controller({ seed: 4 });
  readonly scenario = new Scenario();
  readonly notes: string[] = [];
  #now = 0;

  constructor() {
    this.scenario.step(this.controller, 0);
    this.controller.tick(0);
  }

  run(seconds: number, step: number): void {
    const end = this.#now + seconds * 1000;
    while (this.#now < end) {
      const act = this.scenario.act;
      const shown = this.#shown();
      this.#now += step;
      this.scenario.step(this.controller, this.#now);
      this.controller.tick(this.#now);
      if (this.scenario.act !== act) this.notes.push(`${act}: ${shown}`);
    }
  }

  #shown(): string {
    const { charger_state, allowed_charging_current } = this.controller.state();
    return `${charger_state}, ${allowed_charging_current} mA, ${Math.round(powerOf(this.controller) / 1000)} kW`;
  }
}

const DAY = [
  'arrives and waits for release: 1, 0 mA, 0 kW',
  'released, charges: 3, 16000 mA, 11 kW',
  'slows down: 3, 10000 mA, 7 kW',
  'full speed again: 3, 16000 mA, 11 kW',
  'has enough: 2, 16000 mA, 0 kW',
  'leaves: 0, 16000 mA, 0 kW',
];

test('the demo shows a day in minutes, again and again', (t) => {
  const show = new Show();
  show.run(900, 100);
  t.deepEqual(show.notes.slice(1, 7), DAY);
  t.deepEqual(show.notes.slice(8, 14), DAY);
  t.true(energyOf(show.controller) > 0.5);
});

test('the demo is the same when time is fast', (t) => {
  const slow = new Show();
  const fast = new Show();
  slow.run(600, 100);
  fast.run(600, 100_000);
  t.is(energyOf(fast.controller), energyOf(slow.controller));
  t.deepEqual(fast.controller.state(), slow.controller.state());
});

test('a current that somebody else has set stays', (t) => {
  const show = new Show();
  show.run(100, 100);
  show.controller.limits.setExternalCurrent(8000);
  show.run(900, 100);
  t.is(show.controller.limits.slots()[8]?.max_current, 8000);
  t.true(
    show.notes.some((note) => note.startsWith('slows down: 3, 8000 mA')),
    'the vehicle still comes and goes',
  );
});

test('a vehicle that somebody else moves is left alone until it has been unplugged', (t) => {
  const show = new Show();
  show.run(100, 100);
  show.controller.world.setVehicle({ ...show.controller.world.vehicle(), requesting: false, phases: 1 });
  show.run(1000, 100);
  t.is(show.scenario.act, 'paused: somebody else moves the vehicle');
  t.true(show.controller.world.vehicle().connected);
  t.false(show.controller.world.vehicle().requesting);
  show.controller.world.setVehicle({ ...show.controller.world.vehicle(), connected: false });
  show.run(60, 100);
  t.true(show.controller.world.vehicle().connected, 'the demo goes on');
  t.is(show.controller.world.vehicle().phases, 1, 'with the vehicle as it was left');
});
