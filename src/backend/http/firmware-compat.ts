import type { Json } from '../../base/json.js';
import type { Sink } from '../backend.js';

const TOO_OLD =
  'its firmware 1.x has another API than all later ones; update the charger to firmware 2.0 or later';

/**
 * Knows which firmware speaks. Firmware 1.x is kept away from the sink with one sentence: half of its topics have
 * other shapes (charger-wire 2.2).
 */
export class FirmwareCompat implements Sink {
  readonly #sink: Sink;
  #firmware: readonly number[] = [];
  #tooOld = false;
  #transport: string | undefined;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  state(path: string, text: string, value?: Json): void {
    if (path === 'evse/state') this.#look(text);
    if (this.#tooOld) return;
    if (path === 'info/version') this.#firmware = versionOf(text);
    this.#sink.state(path, text, value);
  }

  online(transport: string): void {
    this.#transport = transport;
    if (!this.#tooOld) this.#sink.online(transport);
  }

  offline(why: string): void {
    this.#transport = undefined;
    if (!this.#tooOld) this.#sink.offline(why);
  }

  /** `value` as this firmware wants it: the LED's colours were called h, s, v for one release (charger-wire 9). */
  encode(path: string, value: Json): Json {
    const [major = 0, minor = 0] = this.#firmware;
    if (path !== 'evse/indicator_led' || major !== 2 || minor > 3) return value;
    const {
      indication,
      duration,
      color_h: h = 0,
      color_s: s = 0,
      color_v: v = 0,
    } = value as Record<string, Json>;
    const both = { indication: indication ?? -1, duration: duration ?? 0 };
    return minor === 3 ? { ...both, h, s, v } : both;
  }

  /** `vehicle_state` was in `evse/state` only before firmware 2. */
  #look(text: string): void {
    const tooOld = text.includes('"vehicle_state"') && !text.includes('"charger_state"');
    if (tooOld === this.#tooOld) return;
    this.#tooOld = tooOld;
    if (tooOld) this.#sink.offline(TOO_OLD);
    else if (this.#transport !== undefined) this.#sink.online(this.#transport);
  }
}

function versionOf(text: string): readonly number[] {
  const firmware = /"firmware"\s*:\s*"(\d+)\.(\d+)/.exec(text);
  return firmware ? firmware.slice(1).map(Number) : [];
}
