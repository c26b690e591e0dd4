import type { Assemble } from './board/assembly.js';
import type { FactorySettings } from './board/flash.js';
import type { SensorKind } from './world/leakage-sensor.js';
import type { SupplyKind } from './world/supply.js';

/** What makes a generation of chargers. */
export interface GenerationModel {
  /** evse_version. */
  readonly evseVersion: number;
  /** energy_meter_type with a meter, where the topic has that member. */
  readonly meterType: number | undefined;
  readonly factory: FactorySettings;
  readonly assemble: Assemble;
  readonly supply: SupplyKind;
  readonly sensor: SensorKind;
  /** The load on the control pilot varies, as it does in the log of a real charger. */
  readonly hasNoisyLoad: boolean;
  /** The network processor switches off the slots of inputs that the board does not have. */
  readonly unusedSlots: readonly number[];
  /** The network processor takes over a shutdown input that is set to limit the current (controller-model-2 1.3). */
  readonly hasGridLimit: boolean;
  /** It switches phases on demand (controller-model-2 6.6). */
  readonly switchesPhases: boolean;
}
