import type { Alarm } from '../board/alarm.js';
import type { BoardAbilities, BoardContext, BoardParts, LowLevelPicture } from '../board/assembly.js';
import { AutoSwitch } from '../board/auto-switch.js';
import { BlockPicture, type GpioPicture } from '../board/block-picture.js';
import { BlockPilot } from '../board/block-pilot.js';
import { Button } from '../board/button.js';
import { ChargingTime } from '../board/charging-time.js';
import { ConfiguredButton } from '../board/configured-button.js';
import { Contactor, type ContactorListener } from '../board/contactor.js';
import { ContactorDrive } from '../board/contactor-drive.js';
import { DcFaultMonitor } from '../board/dc-fault-monitor.js';
import { DiodeCheck } from '../board/diode-check.js';
import { EvWakeup } from '../board/ev-wakeup.js';
import { A, B, D, EF, Iec61851, type Transitions } from '../board/iec61851.js';
import { Inputs } from '../board/inputs.js';
import { LED_FLICKERING, Led } from '../board/led.js';
import type { Monitor } from '../board/monitor.js';
import { OnePhaseSupply } from '../board/one-phase-supply.js';
import type { PhasePin } from '../board/phase-switch.js';
import type { Phases } from '../board/phases.js';
import { PilotRelay } from '../board/pilot-relay.js';
import {
  GENERAL_PURPOSE_INPUT,
  MANUAL_RELEASE,
  SHUTDOWN_INPUT,
  Slots,
  UNLIMITED_MA,
} from '../board/slots.js';
import { outputLater } from '../board/steps/later-outputs.js';
import { decide, type EvaluationStep } from '../board/steps/step.js';
import { OPEN_READING_OHM, type PilotLevels } from '../board/two-level-circuit.js';

/** A start begins with tests of the hardware. 1 s later comes the first evaluation (controller-model-2 2.10). */
const HARDWARE_TESTS_MS = 200;
const FIRST_EVALUATION_MS = 1000;
/** Slot 1 before the cable has been measured (controller-model-2 1.1). */
const UNKNOWN_CABLE_MA = 13_000;

const RULED_SLOTS = [SHUTDOWN_INPUT, GENERAL_PURPOSE_INPUT];

/** The differences between the boards of the later generations. */
export interface LaterVariant {
  readonly levels: PilotLevels;
  readonly hasInput: boolean;
  readonly steps: readonly EvaluationStep<LaterParts>[];
  monitor(context: BoardContext, start: number): Monitor;
  phases(parts: LaterParts, context: BoardContext): Phases;
  gpio(picture: GpioPicture): boolean[];
}

/** The board of the generations after the first one (controller-model-2). */
export class LaterParts implements BoardParts, BoardAbilities, Transitions, ContactorListener, PhasePin {
  readonly start: number;
  readonly evaluationStart: number;
  readonly jumper: number;
  readonly alarm: Alarm;
  readonly context: BoardContext;
  readonly slots: Slots;
  readonly button = new Button();
  readonly led: Led;
  readonly buttonRules: ConfiguredButton;
  readonly chargingTime = new ChargingTime('flag');
  readonly monitor: Monitor;
  readonly relay = new PilotRelay();
  readonly pilot: BlockPilot;
  readonly contactor: Contactor;
  readonly iec61851: Iec61851;
  readonly diode: DiodeCheck;
  readonly drive: ContactorDrive;
  readonly wakeup: EvWakeup;
  readonly dc: DcFaultMonitor;
  readonly autoSwitch: AutoSwitch;
  readonly phases: Phases;
  readonly inputs: Inputs;
  /** The general purpose output: 0 to ground, 1 open. */
  gpOutput: number;
  readonly ruledSlots = RULED_SLOTS;
  booted = false;
  readonly #supplyWatch: OnePhaseSupply;
  readonly #variant: LaterVariant;

  constructor(context: BoardContext, variant: LaterVariant) {
    const { boot, alarm } = context;
    const { jumper, quirks, flash, supply, pilotSource, sensor, inputs, meter } = context.around;
    this.context = context;
    this.#variant = variant;
    this.start = boot + HARDWARE_TESTS_MS;
    this.evaluationStart = this.start + FIRST_EVALUATION_MS;
    this.jumper = jumper;
    this.alarm = alarm;
    this.gpOutput = flash.image.gpio_configuration.output;
    this.slots = new Slots({
      jumper,
      withoutJumper: 0,
      outgoing: UNKNOWN_CABLE_MA,
      defaults: flash.image.slots,
    });
    this.led = new Led(boot, quirks.staleIndication, true);
    this.iec61851 = new Iec61851({ start: this.start, context, transitions: this });
    this.buttonRules = new ConfiguredButton(this, flash);
    this.pilot = new BlockPilot({
      start: this.start,
      boost: flash.image.boost_mode,
      levels: variant.levels,
      source: pilotSource,
      relay: this.relay,
      slots: this.slots,
    });
    this.monitor = variant.monitor(context, this.start);
    this.dc = new DcFaultMonitor({
      start: this.start,
      sensor,
      alarm,
      learnsKind: quirks.learnsSensor,
      tripped: (time) => this.#trip(time),
      passed: (time) => {
        if (this.led.state === LED_FLICKERING) this.led.on(time);
      },
    });
    this.contactor = new Contactor(boot, supply, [this]);
    this.diode = new DiodeCheck(this);
    this.drive = new ContactorDrive(this, quirks);
    this.wakeup = new EvWakeup(this, (isFirst, time) => {
      this.pilot.reconnected(time);
      if (isFirst) this.phases.allowInstant();
    });
    this.autoSwitch = new AutoSwitch(flash.image.phase_auto_switch, quirks.staleAutoSwitch, meter, alarm);
    this.phases = variant.phases(this, context);
    this.inputs = new Inputs(this, flash, inputs, variant.hasInput);
    this.#supplyWatch = new OnePhaseSupply(this.phases, meter, alarm);
  }

  get abilities(): BoardAbilities {
    return this;
  }

  get pilotDisconnected(): boolean {
    return this.relay.isOpenFor('api');
  }

  get dcFaultState(): number {
    return this.dc.state;
  }

  get pilotConnected(): boolean {
    return !this.relay.open;
  }

  /** Without a vehicle the sensor is tested before anything else, whatever is wrong. */
  begins(time: number): void {
    this.dc.request();
    this.dc.run(this.#canTest, time);
  }

  evaluate(time: number): void {
    this.pilot.forgetWanted();
    if (decide(this.#variant.steps, this, time)) outputLater(this, time);
  }

  follow(time: number): boolean {
    if (time < this.start) return false;
    const tested = this.dc.run(this.#canTest, time);
    const ruled = this.inputs.run();
    const connected = this.#supplyWatch.run(time);
    return this.phases.run(time) || tested || ruled || connected;
  }

  entered(to: number, from: number, time: number): void {
    if (to === A || to === B) this.led.on(time);
    if (to === A) {
      this.dc.request();
      this.phases.disconnected();
      this.drive.openedUnderLoad = false;
    }
    if (to === B && from === A) this.wakeup.charged(time);
    if (to === A || to === D || to === EF) this.diode.require();
  }

  disconnected(): void {
    this.slots.write(MANUAL_RELEASE, { max_current: UNLIMITED_MA });
    this.slots.clearOnDisconnect();
  }

  contactorSwitched(time: number, closed: boolean): void {
    for (const part of [this.monitor, this.pilot, this.dc, this.phases]) {
      part.contactorSwitched(time, closed);
    }
  }

  setPhases(phases: number, time: number): void {
    this.context.around.supply.setPhases(phases, time);
    this.monitor.setPhases(phases, time);
  }

  uptimeAt(time: number): number {
    return this.context.uptimeAt(time);
  }

  newPicture(): LowLevelPicture {
    return new BlockPicture(this, (picture) => this.#variant.gpio(picture));
  }

  /** evse/control_pilot_disconnect; what the board ignores changes nothing (controller-model-2 2.9). */
  setPilotDisconnect(disconnect: boolean, time: number): void {
    const { relay, iec61851, contactor, phases, wakeup, pilot } = this;
    if (phases.state !== 0) return;
    if (disconnect) {
      if ((iec61851.state !== A && iec61851.state !== B) || contactor.closed) return;
      relay.setOpen('api', true, time);
      wakeup.reset(time);
    } else if (relay.isOpenFor('api') && !wakeup.isActive) {
      relay.setOpen('api', false, time);
      pilot.reconnected(time);
    }
  }

  /** evse/trigger_dc_fault_test. */
  triggerDcTest(): void {
    this.dc.trigger(this.#canTest);
  }

  /** evse/reset_dc_fault_current_state. */
  resetDcFault(password: number, time: number): void {
    if (this.dc.reset(password)) this.led.on(time);
  }

  get #canTest(): boolean {
    const { iec61851, pilot, contactor } = this;
    return iec61851.state === A && pilot.resistance === OPEN_READING_OHM && !contactor.closed;
  }

  #trip(time: number): void {
    this.drive.openNow(time);
    this.iec61851.force(EF, time);
  }
}
