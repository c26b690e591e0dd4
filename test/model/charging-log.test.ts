import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import test from 'ava';
import { OPEN, TimedController } from './_timed-controller.js';

/** A sample of a real WARP1's log, see test/data/README.md. */
interface Sample {
  readonly ms: number;
  readonly iec: number;
  readonly resistance: number;
  readonly duty: number;
  readonly contactorState: number;
}

const FILE = new URL('../../../test/data/warp1-charging-log.csv.gz', import.meta.url);

function samples(): Sample[] {
  const lines = gunzipSync(readFileSync(FILE)).toString('utf8').trimEnd().split('\n').slice(1);
  return lines.map((line) => {
    // The first column counts tenths of a second; the names of the last three are shifted and not used here.
    const [time = 0, iec = 0, , resistance = 0, , duty = 0, contactorState = 0] = line.split(',').map(Number);
    return { ms: time * 100, iec, resistance: Math.min(OPEN, resistance), duty, contactorState };
  });
}

const LOG = samples();
const FIRST_B = LOG.findIndex((sample) => sample.iec === 1);
/** Three falling samples before the pilot opens: an artefact of the firmware of that time (controller-model 12.3). */
const ARTEFACT = LOG.findIndex((sample, index) => index > FIRST_B && sample.iec === 2);
const FIRST_A = LOG.findIndex((sample) => sample.iec === 0);

/** Replays the log as measured resistances on the hardware of the log; `look` sees each sample when it has settled. */
function replay(look: (rig: TimedController, index: number, sample: Sample) => void): void {
  const rig = new TimedController({ jumper: 3 }, 0, (controller) => {
    controller.world.setVehicle({ ...controller.world.vehicle(), cable_current: 20_000 });
  });
  // Without a vehicle the controller learns the level of the unloaded pilot.
  rig.advance(13);
  rig.car(LOG[0]?.resistance ?? OPEN);
  rig.advance(20);
  rig.restartWatch();
  LOG.forEach((sample, index) => {
    rig.car(index >= ARTEFACT && index < FIRST_A ? OPEN : sample.resistance);
    const until = LOG[index + 1]?.ms ?? sample.ms + 200;
    rig.advance((until - (LOG[0]?.ms ?? 0)) / 1000);
    look(rig, index, sample);
  });
}

test('the log itself is the one that was measured', (t) => {
  t.is(LOG.length, 46_037);
  t.is(ARTEFACT, FIRST_A - 3);
  t.deepEqual(
    LOG.slice(FIRST_B - 2, FIRST_B + 1).map((sample) => sample.resistance),
    [1264, 1605, 1982],
  );
});

test('a replay of the log gives its states, duty cycles and contactor sequence', (t) => {
  const wrong: string[] = [];
  let opened = Number.NaN;
  let checked = Number.NaN;
  let leftB = Number.NaN;
  replay((rig, index, sample) => {
    const { iec, D, K, CS, CE, R } = rig.look;
    if (K === 0 && Number.isNaN(opened)) opened = index;
    if (CS === 1 && Number.isNaN(checked)) checked = rig.seconds;
    if (index >= FIRST_A && iec === 0 && Number.isNaN(leftB)) leftB = rig.seconds;
    const charging = index < FIRST_B;
    const connected = index < FIRST_A || Number.isNaN(leftB);
    const expected = charging ? '2 266 1' : connected ? '1 266 0' : '0 1000 0';
    const seen = `${iec} ${D} ${K}`;
    if (seen !== expected || CE !== 0) wrong.push(`${index}: ${seen}, expected ${expected}`);
    // 4 ohms are what one step of the converter makes at this duty cycle.
    if (charging && Math.abs(R - sample.resistance) > 4)
      wrong.push(`${index}: ${R} ohms, logged ${sample.resistance}`);
  });
  t.deepEqual(wrong, []);
  t.is(opened, FIRST_B, 'the contactor opens in the sample in which B is logged');
  const loggedOpening = ((LOG[FIRST_B]?.ms ?? 0) - (LOG[0]?.ms ?? 0)) / 1000;
  const loggedCheck = LOG.findIndex((sample) => sample.contactorState === 1);
  const logged = ((LOG[loggedCheck]?.ms ?? 0) - (LOG[FIRST_B]?.ms ?? 0)) / 1000;
  t.true(
    Math.abs(checked - loggedOpening - logged) < 0.4,
    `checked after ${checked - loggedOpening} s, logged ${logged} s`,
  );
  // Today's firmware guards against short gaps, so A comes 2.75..3 s after the pilot has opened.
  const loggedGap = ((LOG[ARTEFACT]?.ms ?? 0) - (LOG[0]?.ms ?? 0)) / 1000;
  t.true(leftB - loggedGap > 2.7 && leftB - loggedGap < 3.3, `A after ${leftB - loggedGap} s`);
});

test('the simulated vehicle is as noisy as the measured one', (t) => {
  const rig = new TimedController({ jumper: 3, noise: true, seed: 7 });
  rig.advance(13);
  rig.vehicle({ connected: true, requesting: true });
  rig.advance(40, () => rig.look.K === 1);
  rig.advance(rig.seconds + 1);
  rig.restartWatch();
  const simulated: number[] = [];
  for (let at = 0; at < 9393; at += 0.209) {
    rig.advance(at);
    simulated.push(rig.look.R);
  }
  const logged = LOG.slice(0, FIRST_B - 2).map((sample) => sample.resistance);
  near(t, mean(simulated), mean(logged), 1.5, 'mean');
  near(t, spread(simulated), spread(logged), 0.6, 'spread');
  near(t, shortTerm(simulated), shortTerm(logged), 0.4, 'short-term spread');
  near(t, mean(simulated.slice(0, 300)), 904.5, 3, 'cold');
  near(t, mean(simulated.slice(-3000)), 886.6, 3, 'warm');
});

test('a waiting vehicle shows the measured spread, and falls asleep', (t) => {
  const rig = new TimedController({ noise: true, seed: 3 });
  rig.advance(13);
  rig.vehicle({ connected: true });
  rig.advance(16);
  const readings = (until: number) => {
    const values: number[] = [];
    while (rig.seconds < until) {
      rig.advance(rig.seconds + 1);
      values.push(rig.look.R);
    }
    return values;
  };
  near(t, mean(readings(50)), 2700, 6, 'awake');
  rig.advance(60);
  const asleep = readings(600);
  near(t, mean(asleep), 2700 * 0.936, 3, 'asleep');
  near(t, spread(asleep), 11, 1.5, 'spread');
});

function near(
  t: { true(value: boolean, message: string): void },
  value: number,
  to: number,
  within: number,
  what: string,
) {
  t.true(Math.abs(value - to) <= within, `${what}: ${value}, expected ${to} within ${within}`);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function spread(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

/** Spread around the mean of a minute. */
function shortTerm(values: readonly number[]): number {
  const minute = 287;
  const residuals: number[] = [];
  for (let from = 0; from + minute <= values.length; from += minute) {
    const part = values.slice(from, from + minute);
    const middle = mean(part);
    residuals.push(...part.map((value) => value - middle));
  }
  return spread(residuals);
}
