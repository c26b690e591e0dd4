import type { Backend } from '../backend/backend.js';
import type { ChargerConfig } from '../config/index.js';
import { type BackendTools, backendKind, backends } from './wiring-charger.js';

/** A backend that records its charger. */
export interface RecordedBackend {
  readonly backend: Backend;
  /** To be called after the end: how many lines were recorded, and whether all of them are on the disk. */
  outcome(): { readonly lines: number; readonly isWhole: boolean };
}

/** Makes the backend of a charger, which records to the new file `name`. Throws CannotStart if that can't be created. */
export async function recordedBackend(
  name: string,
  version: string,
  charger: ChargerConfig,
  tools: BackendTools,
): Promise<RecordedBackend> {
  const [{ RecordingFile }, { ChargerRecorder, RecordingBackend }, { Blanking }] = await Promise.all([
    import('../backend/recording/recording-file.js'),
    import('../backend/recording/recording-backend.js'),
    import('../backend/recording/blanking.js'),
  ]);
  const { clock, log, topics } = tools;
  const factory = backends[backendKind(charger.values)];
  const file = await RecordingFile.create(name, version, clock, log);
  const recorder = new ChargerRecorder({
    file,
    clock,
    blanking: new Blanking(topics),
    address: factory.address(charger.values),
  });
  const backend = await factory.create(charger, { ...tools, tap: recorder });
  return {
    backend: new RecordingBackend(backend, recorder),
    outcome: () => ({ lines: file.lines, isWhole: file.isWhole }),
  };
}

/** Why no recording can be made with these settings, one line each. */
export function recordFaults(chargers: readonly ChargerConfig[]): readonly string[] {
  return [
    ...(chargers.length > 1 ? ['one charger can be recorded at a time; several are configured'] : []),
    ...(chargers.some(({ values }) => !backends[backendKind(values)].real)
      ? ['only a charger can be recorded: set CHARGER_URL (charger.url)']
      : []),
  ];
}
