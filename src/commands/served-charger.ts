import type { Backend } from '../backend/backend.js';
import { checkRecording, eventsOf } from '../backend/recording/recording-file.js';
import { ReplayBackend } from '../backend/recording/replay-backend.js';
import { systemClock } from '../base/clock.js';
import type { Log } from '../base/log.js';
import type { ChargerConfig } from '../config/index.js';
import type { Values } from '../config/settings.js';
import type { SimulatorOptions } from '../simulator/simulated-charger.js';
import { chargerTopics, type Registry } from '../topics/index.js';
import { backends } from './wiring-charger.js';

/** The charger that `simulate` serves: the model or a recording. */
export interface ServedCharger {
  readonly topics: Registry;
  readonly backend: Backend;
  /** Which type and firmware it shows. */
  readonly kind: Pick<SimulatorOptions, 'type' | 'firmware' | 'recorded'>;
  /** The same in words, for the log. */
  readonly name: string;
}

/** The built-in model. */
export async function modelledCharger(one: ChargerConfig, values: Values, log: Log): Promise<ServedCharger> {
  const type = values['simulate.type'] ?? one.values['model.type'];
  const typed = { ...one, values: { ...one.values, 'model.type': type } };
  const topics = backends.model.topics(typed.values);
  const firmware = values['simulate.firmware'] ?? (type === 'warp1' ? '2.8.9' : '2.12.1');
  return {
    topics,
    backend: await backends.model.create(typed, { topics, clock: systemClock, log }),
    kind: { type, firmware },
    name: `a simulated charger: ${type.toUpperCase()} with firmware ${firmware}`,
  };
}

/** The firmware of a recording that does not contain it. */
const UNKNOWN_FIRMWARE = '2.12.1';

/** A recording, which is read to its end first. Throws CannotStart if it is no recording, or not complete. */
export async function replayedCharger(file: string, speed: number, log: Log): Promise<ServedCharger> {
  const { firmware = UNKNOWN_FIRMWARE, type = 'warp', duration, lines } = await checkRecording(file);
  const seconds = Math.round(duration / 1000 / speed);
  return {
    topics: chargerTopics(),
    backend: new ReplayBackend({ events: eventsOf(file), clock: systemClock, log, speed }),
    kind: { recorded: { firmware, type } },
    name: `the recording ${file} of a ${type.toUpperCase()} with firmware ${firmware}, ${lines} lines in ${seconds} s`,
  };
}
