import type { Alarm } from '../board/alarm.js';
import type { BoardContext, BoardParts, LowLevelPicture } from '../board/assembly.js';
import { Button } from '../board/button.js';
import { ChargingTime } from '../board/charging-time.js';
import { NO_PWM_PERMILLE } from '../board/circuit.js';
import { Contactor } from '../board/contactor.js';
import { EdgeMonitor } from '../board/edge-monitor.js';
import { A, B, C, Iec61851, type Transitions } from '../board/iec61851.js';
import { LatchingButton } from '../board/latching-button.js';
import { Led } from '../board/led.js';
import { MeanPicture } from '../board/mean-picture.js';
import { dutyFor, MeanPilot } from '../board/mean-pilot.js';
import type { PilotUse } from '../board/mean-reading.js';
import { cableLimit, Slots } from '../board/slots.js';
import { blanking, booting } from '../board/steps/boot.js';
import { contactorFault, jumperFault } from '../board/steps/faults.js';
import { A_ABOVE_OHM, B_ABOVE_OHM, guardedBands, PilotGuard } from '../board/steps/guarded-bands.js';
import { decide, type EvaluationStep } from '../board/steps/step.js';
import { UnloadedOpening } from '../board/unloaded-opening.js';

/** The program begins with a test of the jumper and evaluates 12 s after that (controller-model 2.2, row 0). */
const JUMPER_TEST_MS = 100;
const FIRST_EVALUATION_MS = 12_000;
/** After this time in state A the pilot counts as unloaded. */
const UNPLUGGED_AFTER_MS = 500;

/** The rows of controller-model 2.2. */
const STEPS: readonly EvaluationStep<Warp1Parts>[] = [
  booting,
  ({ pilot, chargingTime }) => {
    if (pilot.resistance > A_ABOVE_OHM) chargingTime.reset();
    return 'next';
  },
  contactorFault,
  jumperFault,
  blanking,
  guardedBands,
];

/** The board of a WARP1 (controller-model). */
export class Warp1Parts implements BoardParts, Transitions, PilotUse {
  readonly start: number;
  readonly evaluationStart: number;
  readonly jumper: number;
  readonly slots: Slots;
  readonly button = new Button();
  readonly led: Led;
  readonly buttonRules: LatchingButton;
  readonly chargingTime: ChargingTime;
  readonly monitor: EdgeMonitor;
  readonly pilot: MeanPilot;
  readonly contactor: Contactor;
  readonly iec61851: Iec61851;
  readonly alarm: Alarm;
  readonly guard: PilotGuard;
  readonly opening: UnloadedOpening;
  readonly passingBands: boolean;
  readonly #context: BoardContext;
  booted = false;

  constructor(context: BoardContext) {
    const { boot, alarm } = context;
    const { jumper, quirks, flash, supply, pilotSource, chargingTime } = context.around;
    this.#context = context;
    this.start = boot + JUMPER_TEST_MS;
    this.evaluationStart = this.start + FIRST_EVALUATION_MS;
    this.jumper = jumper;
    this.alarm = alarm;
    this.passingBands = quirks.passingBands;
    this.slots = new Slots({
      jumper,
      withoutJumper: 6000,
      outgoing: cableLimit(0),
      defaults: flash.image.slots,
    });
    this.led = new Led(boot, quirks.staleIndication, false);
    this.buttonRules = new LatchingButton(this, quirks.maskedError);
    this.chargingTime = new ChargingTime(chargingTime);
    this.iec61851 = new Iec61851({ start: this.start, context, transitions: this });
    this.pilot = new MeanPilot({
      start: this.start,
      flash,
      source: pilotSource,
      use: this,
      slots: this.slots,
    });
    this.monitor = new EdgeMonitor(this.start, supply);
    this.contactor = new Contactor(boot, supply, [this.monitor, this.pilot]);
    this.guard = new PilotGuard(quirks.stickyGuard);
    this.opening = new UnloadedOpening(this, quirks.staleOpeningTimer);
  }

  readonly dcFaultState = undefined;
  readonly abilities = undefined;
  readonly pilotConnected = true;
  readonly ruledSlots = [];

  /** Nothing follows an evaluation on this board. */
  follow(): boolean {
    return false;
  }

  begins(time: number): void {
    this.led.on(time);
  }

  evaluate(time: number): void {
    if (decide(STEPS, this, time)) this.#output(time);
  }

  entered(to: number, _from: number, time: number): void {
    if (to === A || to === B) this.led.on(time);
  }

  disconnected(): void {
    this.slots.clearOnDisconnect();
  }

  get closed(): boolean {
    return this.contactor.closed;
  }

  get current(): number {
    return this.slots.allowed;
  }

  unplugged(time: number): boolean {
    const { iec61851, button } = this;
    return iec61851.state === A && time - iec61851.changedAt >= UNPLUGGED_AFTER_MS && !button.accepted;
  }

  uptimeAt(time: number): number {
    return this.#context.uptimeAt(time);
  }

  newPicture(): LowLevelPicture {
    return new MeanPicture(this);
  }

  /** Signal and contactor of each state (controller-model 2.4). */
  #output(time: number): void {
    const { slots, pilot, contactor, led, chargingTime, opening, iec61851 } = this;
    switch (iec61851.state) {
      case A:
        this.#signal(NO_PWM_PERMILLE, time);
        opening.open(time);
        this.buttonRules.disconnected();
        chargingTime.notConnected();
        break;
      case B: {
        const released = slots.allowed > 0;
        this.#signal(released ? dutyFor(slots.allowed, contactor.closed) : NO_PWM_PERMILLE, time);
        opening.open(time);
        if (!released && pilot.resistance <= B_ABOVE_OHM) chargingTime.reset();
        chargingTime.waiting(released, time);
        break;
      }
      case C:
        this.#signal(dutyFor(slots.allowed, contactor.closed), time);
        contactor.command(true, time);
        led.breathe(time);
        chargingTime.charging(time);
        break;
      default:
        this.#signal(NO_PWM_PERMILLE, time);
        opening.open(time);
        chargingTime.faulty();
    }
    this.alarm.wakeAt(chargingTime.dueAt);
  }

  #signal(duty: number, time: number): void {
    const { pilot, chargingTime } = this;
    if (pilot.duty === NO_PWM_PERMILLE && duty !== NO_PWM_PERMILLE) chargingTime.reset();
    pilot.setDuty(duty, time);
  }
}
