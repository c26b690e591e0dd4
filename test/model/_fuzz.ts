import type { EvseState, Slot } from '../../src/model/api-types.js';
import type { Snapshot } from '../../src/model/board/snapshot.js';
import { Controller, type ControllerOptions } from '../../src/model/controller.js';
import type { Action } from './_actions.js';
import { rule, Watch } from './_invariants.js';
import { LaterWatch } from './_invariants-later.js';
import { slotText } from './_timed-controller.js';

/** The index of the slot whose `active` each switch shows. */
const SLOT_OF = {
  setManagementEnabled: 7,
  setUserEnabled: 6,
  setModbusTcpEnabled: 9,
  setOcppEnabled: 11,
} as const;

interface Picture {
  /** Everything that a refused write must leave as it is; empty where the action can't be one. */
  readonly all: string;
  /** The two that follow the cables. */
  readonly cables: readonly string[];
  readonly duty: number;
  readonly allowed: number;
  readonly polled: EvseState;
  readonly polledSlots: readonly Slot[];
  readonly writes: number;
}

/** A controller that things happen to, watched all the time for the invariants of controller-model 13. */
export class Walk {
  readonly controller: Controller;
  readonly #watch: Watch | LaterWatch;
  readonly #options: ControllerOptions;
  #time: number;

  constructor(options: ControllerOptions, start: number) {
    this.#options = options;
    this.controller = new Controller(options);
    const { jumper = 6, chargingTime, type = 'warp1' } = options;
    this.#watch =
      type === 'warp1'
        ? new Watch(this.controller, jumper, chargingTime === 'flag')
        : new LaterWatch(this.controller, jumper, type);
    this.#time = start;
    this.controller.tick(start);
    this.#watch.look();
  }

  /** Goes on event by event. */
  wait(ms: number): void {
    const end = this.#time + ms;
    for (let due = this.controller.dueAt; due <= end; due = this.controller.dueAt) this.#goTo(due);
    this.#goTo(end);
  }

  /** Goes on in one leap, looking at its end only. */
  leap(ms: number): void {
    this.#watch.looksAway();
    this.#goTo(this.#time + ms);
  }

  /** Does it, and checks what it must not do. */
  act(action: Action): void {
    if (action.do === 'wait') {
      this.wait(action.ms);
      return;
    }
    const before = this.#picture(action);
    this.#do(action);
    this.#judge(action, before);
    this.#watch.look();
  }

  #goTo(time: number): void {
    this.#time = time;
    this.controller.tick(time);
    this.#watch.look();
  }

  #do(action: Exclude<Action, { do: 'wait' }>): void {
    const { controller } = this;
    switch (action.do) {
      case 'vehicle':
        controller.world.setVehicle({ ...controller.world.vehicle(), ...action.change });
        break;
      case 'button':
        controller.world.setButton(action);
        break;
      case 'supply':
        controller.world.setSupply(action);
        break;
      case 'current':
        controller.limits[action.topic](action.current);
        break;
      case 'enable':
      case 'external':
        controller.limits[action.topic](action.enabled);
        break;
      case 'flag':
        if (action.topic === 'setBoostMode') this.#watch.wrote('boost');
        controller[action.topic](action.enabled);
        break;
      case 'led':
        this.#watch.wrote('led');
        controller.setIndicatorLed({ ...action, color_h: 0, color_s: 0, color_v: 0 });
        break;
      case 'defaults':
        controller.limits.setExternalDefaults({ current: action.current, clear_on_disconnect: action.clear });
        break;
      case 'slot': {
        const { slot, max: max_current, active, clear: clear_on_disconnect } = action;
        controller.limits.setSlot({ slot, max_current, active, clear_on_disconnect });
        break;
      }
      case 'sensor':
        controller.world.setDcSensor(action.state);
        break;
      case 'inputs':
        controller.world.setInputs(action.state);
        break;
      case 'contacts':
        controller.world.setSupply(action.change);
        break;
      case 'gpio':
        controller.later.setGpioConfiguration(action.configuration);
        break;
      case 'buttonConfiguration':
        controller.later.setButtonConfiguration(action.button);
        break;
      case 'laterFlag':
        controller.later[action.topic](action.enabled);
        break;
      case 'phases':
        controller.later[action.topic](action.phases);
        break;
      case 'waitTime':
        controller.later.setPhaseSwitchWaitTime(action.time);
        break;
      case 'dcReset':
        if (action.password !== 1) this.#watch.wrote('dc');
        controller.later.resetDcFault(action.password);
        break;
      case 'dcTest':
        controller.later.triggerDcFaultTest();
        break;
      case 'tag':
        this.#watch.wrote('led');
        controller.world.holdTag({ tag_id: '01', tag_type: 2, known: action.known, current: 16_000 });
        break;
      case 'meter':
        controller.setMeterSlot(action.slot);
        break;
      case 'act':
        this.#order(action.topic);
        break;
    }
  }

  #order(topic: Extract<Action, { do: 'act' }>['topic']): void {
    this.controller[topic]();
    if (topic !== 'powerCycle') return;
    rule(25, this.#shown(this.controller) === this.#shown(this.#twin()));
  }

  /** A controller that knows nothing but the flash, in the same surroundings. */
  #twin(): Controller {
    const { controller } = this;
    const twin = new Controller({
      ...this.#options,
      uptime: 0,
      flash: JSON.parse(JSON.stringify(controller.flashImage())),
    });
    twin.world.setVehicle(controller.world.vehicle());
    twin.world.setSupply(controller.world.supply());
    twin.world.setButton(controller.world.button());
    twin.tick(this.#time);
    twin.powerCycle();
    return twin;
  }

  /** Everything that can be read, as text. */
  #shown(controller: Controller): string {
    // The world does not restart: contacts take their time, and what is warm stays warm.
    const state = { ...controller.state(), contactor_state: 0 };
    const low = { ...controller.lowLevelState(), gpio: [], temperature: 0 };
    return JSON.stringify([
      [state, controller.limits.slots(), controller.indicatorLed(), low],
      [controller.userCalibration(), controller.limits.externalDefaults(), controller.buttonState()],
      [
        controller.autoStartCharging(),
        controller.boostMode(),
        controller.ledApiEnabled(),
        controller.meterSlot(),
      ],
    ]);
  }

  #picture(action: Action): Picture {
    const { controller } = this;
    const live = controller.live();
    return {
      all: mayBeRefused(action) ? this.#all(live) : '',
      cables: live.slots.slice(0, 2).map(slotText),
      duty: live.duty,
      allowed: live.allowed,
      polled: controller.state(),
      polledSlots: controller.limits.slots(),
      writes: controller.flashWrites,
    };
  }

  #all(live: Snapshot): string {
    return JSON.stringify([
      live.state(),
      live.slots.map(slotText),
      live.led,
      live.boost,
      live.externalDefaults,
      this.controller.flashImage(),
    ]);
  }

  #judge(action: Action, before: Picture): void {
    const after = this.#picture(action);
    const nothing = after.all === before.all && after.writes === before.writes;
    if (action.do !== 'act') rule(12, String(after.cables) === String(before.cables));
    if ((action.do === 'current' || action.do === 'defaults') && !isCurrent(action.current))
      rule(12, nothing);
    if (action.do === 'flag' && action.topic === 'setBoostMode') {
      // While the readings are blanked the wire still has the old signal (controller-model 17, D7).
      const kept = after.duty === before.duty || Math.abs(after.duty - before.duty) === 4;
      rule(8, kept && after.allowed === before.allowed);
    }
    if (action.do === 'enable') {
      const present = before.polledSlots[SLOT_OF[action.topic]]?.active ?? false;
      if (present === action.enabled) rule(16, nothing);
    }
    if (action.do === 'act' && mayBeRefused(action) && before.polled.iec61851_state === 0) rule(26, nothing);
  }
}

/** Whether there is a rule by which the action must leave everything as it is. */
function mayBeRefused(action: Action): boolean {
  if (action.do === 'act') return action.topic === 'startCharging' || action.topic === 'stopCharging';
  return action.do === 'current' || action.do === 'defaults' || action.do === 'enable';
}

function isCurrent(current: number): boolean {
  return current === 0 || (Number.isInteger(current) && current >= 6000 && current <= 32_000);
}
