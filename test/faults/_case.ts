import { Lab, type LabSettings } from './_lab.js';

/** What came of a fault. */
export interface Result {
  /** One sentence or two: what people and programs were told, and what the charger did. */
  readonly happened: string;
  /** From the end of the fault until all was right again, ms. */
  readonly recovery?: number;
}

export interface FaultCase {
  /** For `--only`. */
  readonly name: string;
  /** What goes wrong. */
  readonly fault: string;
  /** Whether it belongs to the short form, which takes about a minute. */
  readonly short?: boolean;
  /** Whether nothing else may run beside it, because it measures or because it keeps this process busy. */
  readonly alone?: boolean;
  /** The longest recovery that passes, ms. */
  readonly within?: number;
  /** Rejects when something was not as it must be; `short` asks for less of the same. */
  run(short: boolean): Promise<Result>;
}

/** Throws with `what` unless `holds`. */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

/** Runs `act` in a lab in which all is well, and closes it. */
export async function inLab(settings: LabSettings, act: (lab: Lab) => Promise<Result>): Promise<Result> {
  const lab = await Lab.open(settings);
  try {
    await lab.up();
    return await act(lab);
  } catch (error) {
    const said = lab.bridge?.lines.slice(-5).join('\n') ?? '';
    throw new Error(
      `${error instanceof Error ? error.message : error}${said === '' ? '' : `; the bridge said: ${said}`}`,
    );
  } finally {
    await lab.close();
  }
}
