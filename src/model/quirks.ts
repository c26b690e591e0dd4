/**
 * Oddities of the firmware that the model shows or leaves out (controller-model 16.2). Q8 is not among them: whether a
 * current out of range is refused depends on the interface that takes the write, not on the model.
 */
export interface Quirks {
  /** Q1: after indication -1 the old indication and its countdown stay readable. */
  readonly staleIndication: boolean;
  /** Q2, and R2 of later generations: if a wait for unloaded opening is given up, its timer runs on. */
  readonly staleOpeningTimer: boolean;
  /** Q3: the guard timer keeps running when the resistance recovers. */
  readonly stickyGuard: boolean;
  /** Q4: the mean of the last samples counts even while it only passes through a band. */
  readonly passingBands: boolean;
  /** Q5: the pressed button darkens the LED during an error too, which hides the error. */
  readonly maskedError: boolean;
  /** Q6: a bare short of the control pilot looks unplugged. */
  readonly shortLooksUnplugged: boolean;
  /** Q7: a contactor error without a vehicle ends as a disconnect and clears slots. */
  readonly errorClearsSlots: boolean;
  /** R1 of later generations: a wait for a stable measurement that was given up counts for the next closing. */
  readonly staleClosingCount: boolean;
  /** R3: after it was switched off and on again, the automatic change to one phase acts as if it had happened. */
  readonly staleAutoSwitch: boolean;
  /** R4: the board learns the kind of its residual current sensor by the first test. */
  readonly learnsSensor: boolean;
}

/** `default`: all but Q2 (R2), Q3 and R1, by which the contactor opens under load or a charge ends without a reason. */
export type QuirkChoice = 'default' | 'all' | 'none';

/** The oddities that the model shows with this choice. */
export function quirks(choice: QuirkChoice): Quirks {
  const common = choice !== 'none';
  const harmful = choice === 'all';
  return {
    staleIndication: common,
    staleOpeningTimer: harmful,
    stickyGuard: harmful,
    passingBands: common,
    maskedError: common,
    shortLooksUnplugged: common,
    errorClearsSlots: common,
    staleClosingCount: harmful,
    staleAutoSwitch: common,
    learnsSensor: common,
  };
}
