import type { GpioConfiguration, NfcTag, PowerManagerState } from './api-types.js';
import type { FlashImage } from './board/flash.js';
import type { RunningModel } from './running-model.js';

/** Readings and writes of what only the generations after the first have (controller-model-2 11). */
export class LaterFunctions {
  readonly #model: RunningModel;

  constructor(model: RunningModel) {
    this.#model = model;
  }

  gpioConfiguration(): GpioConfiguration {
    return this.#settings.gpio_configuration;
  }

  setGpioConfiguration(configuration: GpioConfiguration): void {
    this.#model.write((_, time) => this.#model.hardware.board.setGpioConfiguration(configuration, time));
  }

  buttonConfiguration(): number {
    return this.#settings.button_configuration;
  }

  /** Above 4 silently ignored; every other value acts, and is written to the flash (controller-model-2 10). */
  setButtonConfiguration(button_configuration: number): void {
    if (button_configuration <= 4) this.#set({ button_configuration });
  }

  evWakeup(): boolean {
    return this.#settings.ev_wakeup;
  }

  setEvWakeup(ev_wakeup: boolean): void {
    this.#set({ ev_wakeup });
  }

  controlPilotDisconnect(): boolean {
    return this.#model.processor.lastPoll.pilotDisconnected;
  }

  /** Ignored while it can't be done (controller-model-2 2.9). */
  setControlPilotDisconnect(disconnect: boolean): void {
    this.#model.write((processor, time) => processor.setPilotDisconnect(disconnect, time));
  }

  phaseAutoSwitch(): boolean {
    return this.#settings.phase_auto_switch;
  }

  setPhaseAutoSwitch(enabled: boolean): void {
    this.#model.write((_, time) => {
      this.#model.hardware.board.abilities?.phases.setAutoSwitch(enabled);
      this.#model.hardware.board.settle(time);
    });
  }

  phasesConnected(): number {
    return this.#model.processor.lastPoll.phasesConnected;
  }

  /** Anything but 1 and 3 is silently ignored. */
  setPhasesConnected(phases: number): void {
    if (phases !== 1 && phases !== 3) return;
    this.#model.write((_, time) => {
      this.#model.hardware.board.abilities?.phases.setConnected(phases);
      this.#model.hardware.board.settle(time);
    });
  }

  /** A code, not seconds; a board that can't switch phases keeps it and shows 0. */
  phaseSwitchWaitTime(): number {
    return this.#model.hardware.generation.switchesPhases ? this.#settings.phase_switch_wait_time : 0;
  }

  setPhaseSwitchWaitTime(phase_switch_wait_time: number): void {
    if (phase_switch_wait_time <= 22) this.#set({ phase_switch_wait_time });
  }

  gpOutput(): number {
    return this.#model.processor.lastPoll.gpOutput;
  }

  /** Until the next power-on or the next write of the whole configuration. */
  setGpOutput(output: number): void {
    this.#model.write(() => {
      const { abilities } = this.#model.hardware.board;
      if (abilities) abilities.gpOutput = output;
    });
  }

  triggerDcFaultTest(): void {
    this.#model.write((processor, time) => processor.triggerDcTest(time));
  }

  /** Ignored with a wrong password. */
  resetDcFault(password: number): void {
    this.#model.write((processor, time) => processor.resetDcFault(password, time));
  }

  setEebusEnabled(enabled: boolean): void {
    this.#model.write((processor, time) => processor.settings.setEebusEnabled(enabled, time));
  }

  setP14aEnwgEnabled(enabled: boolean): void {
    this.#model.write((processor, time) => processor.settings.setP14aEnwgEnabled(enabled, time));
  }

  /** Whether another program may switch phases. */
  switchesPhases(): boolean {
    return this.#model.processor.phaseRequests.isThere;
  }

  /** `power_manager/state`. */
  powerManagerState(): PowerManagerState {
    return { config_error_flags: 0, external_control: this.#model.processor.phaseRequests.state };
  }

  /** `power_manager/low_level_state`. */
  isThreePhase(): boolean {
    return this.#model.processor.lastPoll.phasesCurrent === 3;
  }

  /** `power_manager/external_control`. */
  phasesWanted(): number {
    return this.#model.processor.phaseRequests.phasesWanted;
  }

  /** Asks for 1 or 3 phases. Returns the firmware's text of a refusal, or undefined. */
  setPhasesWanted(phases: number): string | undefined {
    const { phaseRequests, isManaged, lastPoll } = this.#model.processor;
    const refusal = phaseRequests.request(phases, isManaged, lastPoll, this.#model.time);
    this.#model.hardware.show(this.#model.time);
    return refusal;
  }

  /** `p14a_enwg/state`. */
  gridLimit(): { readonly active: boolean; readonly limit_w: number } {
    return this.#model.processor.gridLimit?.state ?? { active: false, limit_w: 0 };
  }

  /** The mode that was written last. Without a load manager it has no effect. */
  chargeMode(): number {
    return this.#model.processor.chargeMode;
  }

  setChargeMode(mode: number): void {
    this.#model.processor.chargeMode = mode;
  }

  /** `nfc/inject_tag`, `_start` and `_stop`: as if the tag had been seen. */
  injectTag(tag: NfcTag, wants: 'both' | 'start' | 'stop'): void {
    this.#model.write((processor, time) => processor.tags.inject(tag, wants, processor.lastPoll, time));
  }

  get #settings(): FlashImage {
    const { settings } = this.#model.processor.lastPoll;
    if (!settings) throw new Error('no poll yet');
    return settings;
  }

  /** Writes to the flash, equal values too. */
  #set(items: Partial<FlashImage>): void {
    this.#model.write((_, time) => {
      this.#model.hardware.flash.write(items);
      this.#model.hardware.board.settle(time);
    });
  }
}
