/** The signal generator counts 48 steps for 1/1000 (controller-model-2 4). */
const COUNTS_PER_PERMILLE = 48;

/** No PWM: steady +12 V. */
export const STEADY_COUNTS = 1000 * COUNTS_PER_PERMILLE;
/** State F: steady -12 V. */
export const STATE_F_COUNTS = 0;
/** What boost mode adds to a PWM signal on the wire. */
const BOOST_COUNTS = 4 * COUNTS_PER_PERMILLE;
const LEAST_COUNTS = 80 * COUNTS_PER_PERMILLE;
const COUNTS_PER_MA = 0.8;

/** The signal, in counts, that offers a vehicle `current` mA; for 0 mA there is no PWM. */
export function countsFor(current: number): number {
  if (current === 0) return STEADY_COUNTS;
  return Math.min(STEADY_COUNTS, Math.max(LEAST_COUNTS, Math.round(COUNTS_PER_MA * current)));
}

/** Whether the signal alternates: not steady +12 V, nor state F. */
export function isPwm(counts: number): boolean {
  return counts !== STEADY_COUNTS && counts !== STATE_F_COUNTS;
}

/** The duty cycle in 1/1000 as it is reported. */
export function reportedDuty(counts: number): number {
  return Math.floor(counts / COUNTS_PER_PERMILLE + 0.5);
}

/** The duty cycle in 1/1000 on the wire. */
export function dutyOnWire(counts: number, boost: boolean): number {
  return (counts + (boost && isPwm(counts) ? BOOST_COUNTS : 0)) / COUNTS_PER_PERMILLE;
}
