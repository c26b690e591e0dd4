// A charger's HTTP API made of recorded payloads, for what the model lacks: charge modes, further meters, an energy
// manager. What is not among them is asked of another charger, where one is named.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { resolve } from 'node:path';

const PAYLOADS = resolve(import.meta.dirname, '../../test/data/payloads');

/** The payload of a file of test/data/payloads. */
export const recorded = (file) => JSON.parse(readFileSync(resolve(PAYLOADS, file), 'utf8'));

/** Writes that are shown in another topic. */
const SHOWN_IN = {
  'charge_limits/override_energy': 'charge_limits/active_limits',
  'charge_limits/override_duration': 'charge_limits/active_limits',
  'charge_limits/override_soc': 'charge_limits/active_limits',
};

/** Actions that show nothing. */
const ACTIONS = ['reboot', 'firmware_update/check_for_update'];

/** Serves `states`, topics with what they show, on a free loopback port; returns its URL and how to end it. */
export async function fixtureCharger(states, upstream) {
  const shown = new Map(Object.entries(states));
  const server = createServer(async (request, response) => {
    const answer = (status, body = '') => response.writeHead(status).end(body);
    const path = request.url.slice(1);
    const body = await textOf(request);
    const target = SHOWN_IN[path] ?? path.replace(/_update$/, '');
    if (request.method === 'GET' && shown.has(path)) answer(200, JSON.stringify(shown.get(path)));
    else if (request.method !== 'GET' && (ACTIONS.includes(path) || shown.has(target))) {
      if (shown.has(target)) shown.set(target, merged(shown.get(target), JSON.parse(body)));
      answer(200);
    } else if (upstream && path !== 'ws') {
      const init = { method: request.method, ...(request.method === 'GET' ? {} : { body }) };
      const from = await fetch(`${upstream}/${path}`, init);
      answer(from.status, await from.text());
    } else answer(404, 'not found');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    show: (path, value) => shown.set(path, value),
    close: () => server.closeAllConnections() ?? server.close(),
  };
}

const merged = (before, change) =>
  Array.isArray(change) || change === null ? change : { ...before, ...change };

async function textOf(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

const vendor = 'vendor-doc-warp2-warp3-warp4-wem';

const meter = (number) => ({
  [`meters/${number}/value_ids`]: recorded(`${vendor}/meters_0_value_ids.json`),
  [`meters/${number}/values`]: recorded(`${vendor}/meters_0_values.json`),
});

const firmware = {
  'firmware_update/state': {
    ...recorded('warp2-evcc28297-more/firmware_update_state.json'),
    update_version: '2.12.2',
  },
};

/** What a WARP3 that is managed, limited and dimmed shows besides what the model of one does. */
export const managedCharger = {
  'evse/supported_charge_modes': [0, 1, 2, 3],
  ...meter(1),
  ...firmware,
  'p14a_enwg/state': { active: false, limit: 0 },
  'charge_limits/active_limits': {
    ...recorded('warp3-hw40/charge_limits_active_limits.json'),
    soc_target_pct: 0,
  },
  'wifi/state': { connection_state: 3, sta_ip: '192.0.2.7', sta_rssi: -61, sta_bssid: '00:00:5E:00:53:01' },
  'ev/state': recorded(`${vendor}/ev_state__warp4.json`),
  'nfc/seen_tags': [],
  'day_ahead_prices/state': recorded(`${vendor}/day_ahead_prices_state.json`),
  'solar_forecast/state': { wh_today: 21_000, wh_today_remaining: 4_000, wh_tomorrow: 18_500 },
};

/** An energy manager, which has no charge controller. */
export const energyManager = {
  'info/name': { name: 'wem-Em1', type: 'wem', display_type: 'WARP Energy Manager', uid: 'Em1' },
  'info/display_name': { display_name: 'wem-Em1' },
  'info/version': { firmware: '2.5.0+68a00000', config: '2.5.0', config_type: 'wem' },
  'info/features': ['meters', 'energy_manager'],
  'event_log/boot_id': { boot_id: 7 },
  'energy_manager/state': recorded(`${vendor}/energy_manager_state__wem.json`),
  'energy_manager/low_level_state': recorded(`${vendor}/energy_manager_low_level_state__wem.json`),
  'power_manager/state': { config_error_flags: 0, external_control: 0 },
  'power_manager/charge_mode': recorded(`${vendor}/power_manager_charge_mode.json`),
  'power_manager/external_control': recorded(`${vendor}/power_manager_external_control.json`),
  'power_manager/low_level_state': recorded(`${vendor}/power_manager_low_level_state__2.2.json`),
  'charge_manager/state': recorded('warp3-hw40-more/charge_manager_state.json'),
  'charge_manager/available_current': { current: 32_000 },
  ...meter(0),
  ...firmware,
};
