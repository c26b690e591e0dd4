import type { ExternalDefaults, Slot, SlotChange } from './api-types.js';
import type { RunningModel } from './running-model.js';

/** The limits of the charging current: a slot for each source; the smallest active one counts (controller-model 1). */
export class CurrentLimits {
  /** Counts the calls of setExternalCurrent(), so that the demo notices writes of others. */
  externalCurrentWrites = 0;
  readonly #model: RunningModel;

  constructor(model: RunningModel) {
    this.#model = model;
  }

  slots(): readonly Slot[] {
    return this.#model.processor.lastPoll.slots;
  }

  externalDefaults(): ExternalDefaults {
    return this.#model.processor.lastPoll.externalDefaults;
  }

  /** mA; anything but 0 and 6000..32000 is silently ignored here and in the other limits (controller-model 1.3). */
  setExternalCurrent(current: number): void {
    this.externalCurrentWrites++;
    this.#model.write((processor, time) => processor.settings.setExternalCurrent(current, time));
  }

  setExternalClearOnDisconnect(clear: boolean): void {
    this.#model.write((processor, time) => processor.settings.setExternalClearOnDisconnect(clear, time));
  }

  setExternalEnabled(enabled: boolean): void {
    this.#model.write((processor, time) => processor.settings.setExternalEnabled(enabled, time));
  }

  setExternalDefaults(defaults: ExternalDefaults): void {
    this.#model.write((processor) => processor.settings.setExternalDefaults(defaults));
  }

  setManagementEnabled(enabled: boolean): void {
    this.#model.write((processor, time) => processor.settings.setManagementEnabled(enabled, time));
  }

  setUserEnabled(enabled: boolean): void {
    this.#model.write((processor, time) => processor.users.enable(enabled, processor.lastPoll, time));
  }

  setGlobalCurrent(current: number): void {
    this.#model.write((processor, time) => processor.settings.setGlobalCurrent(current, time));
  }

  setModbusTcpEnabled(enabled: boolean): void {
    this.#model.write((processor, time) => processor.settings.setModbusTcpEnabled(enabled, time));
  }

  setOcppEnabled(enabled: boolean): void {
    this.#model.write((processor, time) => processor.settings.setOcppEnabled(enabled, time));
  }

  setAutomationCurrent(current: number): void {
    this.#model.write((processor, time) => processor.settings.setAutomationCurrent(current, time));
  }

  /** Writes to slots 2..14, as load management, users or OCPP do. Members that are left out stay as they are. */
  setSlot({ slot: index, ...change }: SlotChange & { readonly slot: number }): void {
    this.#model.write((processor, time) => processor.writeSlot(index, change, time));
  }
}
