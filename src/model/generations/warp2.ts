import type { GpioPicture } from '../board/block-picture.js';
import { EdgeMonitor } from '../board/edge-monitor.js';
import { PhaseBookkeeping } from '../board/phase-bookkeeping.js';
import { booting } from '../board/steps/boot.js';
import { contactorFault, jumperFault } from '../board/steps/faults.js';
import { hysteresisBands } from '../board/steps/hysteresis-bands.js';
import {
  cutPilot,
  dcTest,
  diodeFault,
  fadingDiodeFault,
  ignoredReadings,
  residualCurrent,
} from '../board/steps/pilot-line.js';
import type { LaterVariant } from './later.js';

/** The board of a WARP2: one contactor, watched by its edges; phases are only noted (controller-model-2). */
export const warp2Board: LaterVariant = {
  levels: { high: 3852, low: 139, lowWithVehicle: 175, plus12: 3829, minus12: 134 },
  hasInput: true,
  steps: [
    booting,
    dcTest,
    residualCurrent,
    contactorFault,
    jumperFault,
    diodeFault,
    ignoredReadings,
    fadingDiodeFault,
    cutPilot,
    hysteresisBands,
  ],
  monitor: ({ around }, start) => new EdgeMonitor(start, around.supply),
  phases: (parts, { around }) => new PhaseBookkeeping(parts, around.flash),
  gpio,
};

/** The lines by controller-model-2 9.2. */
function gpio(look: GpioPicture): boolean[] {
  const { either } = look;
  return [
    ...[true, false, (look.dcPins & 4) !== 0, false, look.testLine, look.shutdownOpen, look.pressed],
    ...[look.pwm ? either(7) : true, false, !look.closed, look.outputGrounded, look.relayOpen, false, false],
    ...[either(14), look.closed && either(15), look.inputOpen, (look.dcPins & 1) !== 0],
    ...[(look.dcPins & 2) !== 0, either(19), false, false, false, false],
  ];
}
