import { WARP2_AND_LATER } from '../availability.js';
import { config, expert, toggle } from '../entity-kinds.js';
import { setting } from '../rows.js';
import { bool, int, intOf } from '../scalars.js';
import type { Topic } from '../topic.js';

/** What the charger does towards the vehicle: the control pilot and the phases. */
export const pilotAndPhases: readonly Topic[] = [
  setting(
    'evse/boost_mode',
    { enabled: bool() },
    {
      doc: 'Tells the vehicle 0.24 A more than allowed, for vehicles that draw less than they may.',
      since: '2.1.0',
      example: { enabled: true },
      entities: [
        toggle('boost_mode', ['Boost mode', 'Boost-Modus'], 'enabled', { ...config, icon: 'rocket-launch' }),
      ],
      read: (c) => ({ enabled: c.boostMode() }),
      write: (c, value) => c.setBoostMode(value.enabled),
      flash: true,
    },
  ),
  setting(
    'evse/ev_wakeup',
    { enabled: bool() },
    {
      doc: 'Whether sleeping vehicles are woken up.',
      generations: WARP2_AND_LATER,
      example: { enabled: true },
      entities: [
        toggle('ev_wakeup', ['Wake sleeping vehicles', 'Schlafende Fahrzeuge wecken'], 'enabled', {
          ...expert,
          icon: 'alarm',
        }),
      ],
      read: (c) => ({ enabled: c.later.evWakeup() }),
      write: (c, value) => c.later.setEvWakeup(value.enabled),
      flash: true,
    },
  ),
  setting(
    'evse/control_pilot_disconnect',
    { disconnect: bool() },
    {
      doc: 'Disconnects the control pilot, as if the vehicle were unplugged.',
      generations: WARP2_AND_LATER,
      example: { disconnect: false },
      entities: [
        toggle(
          'control_pilot_disconnect',
          ['Control pilot disconnected', 'Control Pilot getrennt'],
          'disconnect',
          { ...expert, icon: 'power-plug-off-outline' },
        ),
      ],
      hint: 'the charger ignores it while load management is enabled',
      read: (c) => ({ disconnect: c.later.controlPilotDisconnect() }),
      write: (c, value) => c.later.setControlPilotDisconnect(value.disconnect),
    },
  ),
  setting(
    'evse/phase_auto_switch',
    { enabled: bool() },
    {
      doc: 'Whether the charger changes to one phase by itself for vehicles that draw from one.',
      since: '2.3.0',
      generations: WARP2_AND_LATER,
      example: { enabled: false },
      entities: [
        toggle('phase_auto_switch', ['Automatic phase switch', 'Automatische Phasenumschaltung'], 'enabled', {
          ...expert,
          icon: 'sine-wave',
        }),
      ],
      read: (c) => ({ enabled: c.later.phaseAutoSwitch() }),
      write: (c, value) => c.later.setPhaseAutoSwitch(value.enabled),
      flash: true,
    },
  ),
  setting(
    'evse/phases_connected',
    { phases: intOf(1, 3) },
    {
      doc: 'How many phases are connected to the charger: 1 or 3.',
      since: '2.3.0',
      generations: WARP2_AND_LATER,
      poll: 'rare',
      example: { phases: 3 },
      read: (c) => ({ phases: c.later.phasesConnected() }),
      write: (c, value) => c.later.setPhasesConnected(value.phases),
      flash: true,
    },
  ),
  setting(
    'evse/phase_switch_wait_time',
    { time: int(0, 22) },
    {
      doc: 'How long charging pauses while phases are switched, as a code: 0 means 60 s, n means 10 + 5n s.',
      since: '2.8.11',
      generations: WARP2_AND_LATER,
      poll: 'rare',
      example: { time: 0 },
      hint: 'a WARP2 keeps it at 0',
      read: (c) => ({ time: c.later.phaseSwitchWaitTime() }),
      write: (c, value) => c.later.setPhaseSwitchWaitTime(value.time),
      flash: true,
    },
  ),
];
