import { A, B, BLOCKED, C, charging, ready, waiting } from './_later-rigs.js';
import { at, becomes, is, type Row, stays } from './_script.js';
import { OPEN } from './_timed-controller.js';

/** Button, inputs, LED and settings of the later generations (controller-model-2 14). */
export const LATER_SETTINGS: readonly Row[] = [
  {
    n: 31,
    title: 'stopped by the button',
    given: (phase) => charging('warp2', phase),
    steps: [
      at(0, (rig) => rig.button(true)),
      is(0, { pressed: true }),
      becomes(0.1, 0.1, { ...BLOCKED, D: 1000, L: 0, s: { 4: '0/on/no' } }),
      at(0.6, (rig) => rig.car(2700)),
      becomes(0.62, 0.66, { K: 0 }),
      at(1, (rig) => rig.button(false)),
      becomes(1.1, 1.1, { L: 1, s: { 4: '0/on/no' } }),
      at(3, (rig) => rig.car(OPEN)),
      becomes(3, 3.05, { ...A, s: { 4: '32000/on/no' } }),
    ],
  },
  {
    n: 32,
    title: 'a button that starts and stops',
    given: (phase) => {
      const rig = waiting('warp2', phase);
      rig.controller.later.setButtonConfiguration(3);
      rig.controller.stopCharging();
      rig.advance(rig.seconds + 1);
      rig.restartWatch();
      return rig;
    },
    steps: [
      is(0, { ...BLOCKED, s: { 4: '0/on/no' } }),
      at(0, (rig) => rig.button(true)),
      becomes(0.1, 0.1, { ...B, s: { 4: '32000/on/no' } }),
      at(0.3, (rig) => rig.button(false)),
      at(0.8, (rig) => rig.button(true)),
      at(1.2, (rig) => rig.button(false)),
      stays(1.2, 3.19, { ...B, s: { 4: '32000/on/no' } }),
      (t, rig) => {
        rig.advance(3.25);
        const { button_press_time: pressed, button_release_time: released } = rig.snapshot.button;
        t.is(released - pressed, 3100);
        t.is(rig.slot(4), '32000/on/no');
      },
    ],
  },
  {
    n: 33,
    title: 'a key switch that is off',
    given: (phase) => ready('warp2', phase),
    steps: [
      at(0, (rig) => rig.button(true)),
      becomes(0.1, 0.1, { L: 0, s: { 4: '32000/on/no' } }),
      at(2, (rig) => rig.car(880)),
      becomes(2, 2.05, { ...C, L: 4, pressed: true, s: { 4: '32000/on/no' } }),
    ],
  },
  {
    n: 34,
    title: 'inputs and the output',
    given: (phase) => ready('warp2', phase),
    steps: [
      at(0, (rig) => rig.controller.later.setGpioConfiguration({ shutdown_input: 2, input: 2, output: 0 })),
      is(0, { s: { 2: '32000/on/no', 3: '32000/on/no' } }),
      (t, rig) => {
        rig.advance(0.3);
        t.is(rig.controller.later.gpOutput(), 0);
        t.true(rig.look.gpio[10]);
      },
      at(1, (rig) => rig.controller.world.setInputs({ shutdown: 'closed', gp: 'open' })),
      is(1, { I: 0, s: { 2: '0/on/no' } }),
      at(2, (rig) => rig.controller.world.setInputs({ shutdown: 'closed', gp: 'closed' })),
      is(2, { s: { 3: '6000/on/no' } }),
      at(3, (rig) => rig.controller.world.setInputs({ shutdown: 'open', gp: 'closed' })),
      is(3, { I: 6000, s: { 2: '32000/on/no' } }),
    ],
  },
  {
    n: 35,
    title: 'colours of the LED',
    given: (phase) => {
      const rig = ready('warp3', phase);
      rig.controller.setLedConfiguration(true);
      return rig;
    },
    steps: [
      (t, rig) => {
        const led = { indication: 255, duration: 3000, color_h: 120, color_s: 255, color_v: 200 };
        rig.controller.setIndicatorLed(led);
        rig.advance(1);
        t.is(rig.look.L, 5);
        t.deepEqual(rig.snapshot.led, { ...led, duration: 2000 });
        rig.advance(4);
        t.deepEqual(rig.snapshot.led, { ...led, indication: -1, duration: 0 });
        t.is(rig.look.L, 1);
      },
    ],
  },
  {
    n: 36,
    title: 'duty cycles by current',
    given: (phase) => charging('warp2', phase),
    steps: [
      (t, rig) => {
        const duties: Readonly<Record<number, number>> = {
          ...{ 6000: 100, 8000: 133, 10000: 167, 13000: 217, 16000: 267, 19000: 317, 25000: 417, 32000: 533 },
        };
        for (const [current, duty] of Object.entries(duties)) {
          rig.controller.limits.setExternalCurrent(Number(current));
          rig.advance(rig.seconds + 1);
          t.is(rig.look.D, duty);
        }
      },
    ],
  },
  {
    n: 37,
    title: 'a charger with one phase connected',
    given: (phase) => ready('warp3', phase),
    steps: [
      (t, rig) => {
        rig.controller.later.setPhasesConnected(2);
        rig.advance(0.3);
        t.is(rig.controller.later.phasesConnected(), 3);
        rig.controller.later.setPhasesConnected(1);
        rig.advance(0.6);
        t.is(rig.controller.later.phasesConnected(), 1);
        t.is(rig.look.ph, '1/1/0/0');
        t.is(rig.controller.later.setPhasesWanted(3), undefined);
        t.is(rig.look.wanted, 3);
        rig.advance(2);
        t.is(rig.look.ph, '1/1/0/0');
        rig.controller.powerCycle();
        rig.advance(4);
        t.is(rig.look.ph, '1/1/0/0');
        t.is(rig.look.EC, 1);
      },
    ],
  },
  {
    n: 38,
    title: 'what a factory reset forgets',
    given: (phase) => {
      const rig = ready('warp3', phase);
      rig.controller.later.setButtonConfiguration(1);
      rig.controller.later.setEvWakeup(false);
      rig.controller.later.setPhaseSwitchWaitTime(3);
      rig.controller.setBoostMode(true);
      return rig;
    },
    steps: [
      (t, rig) => {
        const { controller } = rig;
        const shown = () => [
          ...[
            controller.later.buttonConfiguration(),
            controller.later.evWakeup(),
            controller.later.phaseSwitchWaitTime(),
          ],
          controller.boostMode(),
        ];
        controller.powerCycle();
        rig.advance(2);
        t.deepEqual(shown(), [1, false, 3, true]);
        controller.factoryReset();
        rig.advance(4);
        t.deepEqual(shown(), [2, true, 0, false]);
        t.deepEqual(controller.later.gpioConfiguration(), { shutdown_input: 0, input: 0, output: 1 });
        t.is(rig.slot(16), '32000/on/no');
      },
    ],
  },
];
