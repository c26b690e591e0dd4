import { EVERY_MANAGER, type Generation, WARP2_AND_LATER } from '../availability.js';
import type { Entity, Text } from '../entity.js';
import { detail, measurement } from '../entity-kinds.js';
import { array, object, optional, upTo } from '../members.js';
import { setting, state } from '../rows.js';
import { bool, boundedInt, int, u8, u32 } from '../scalars.js';
import type { Topic } from '../topic.js';

const generations: readonly Generation[] = [...WARP2_AND_LATER, ...EVERY_MANAGER];
const SINCE = { since: '2.7.0', generations } as const;

const I32 = 2_147_483_647;
const i32 = (unit?: string) => int(-I32 - 1, I32, unit);

/** Two days in quarters of an hour. One of them may have 25 hours. */
const MOST_SLOTS = 200;

/** The charger shows -1 for a forecast that it does not have. */
const forecast = (key: string, name: Text, member: string): Entity => ({
  key,
  platform: 'sensor',
  name,
  member: [member],
  value: `{{ 'None' if value_json.${member} < 0 else value_json.${member} / 1000 }}`,
  options: { device_class: 'energy', unit_of_measurement: 'kWh', suggested_display_precision: 1 },
  ...detail,
  icon: 'solar-power-variant',
});

const slots = { first_date: u32('min'), resolution: boundedInt(0, 1) };

/** Prices, forecasts and the plan that is made of them. */
export const tariffs: readonly Topic[] = [
  state(
    'day_ahead_prices/state',
    {
      last_sync: u32('min'),
      last_check: optional(u32('min')),
      next_check: optional(u32('min')),
      current_price: i32('ct/1000'),
    },
    {
      doc: 'When prices were last fetched, and the price of a kWh now, without what the supplier adds.',
      ...SINCE,
      poll: 'rare',
      example: { last_sync: 0, last_check: 0, next_check: 0, current_price: 0 },
      entities: [
        measurement(
          'price',
          ['Electricity price', 'Strompreis'],
          ['current_price'],
          {
            value: `{{ 'None' if value_json.current_price >= ${I32} else value_json.current_price / 1000 }}`,
            unit: 'ct/kWh',
            precision: 1,
          },
          { ...detail, icon: 'cash' },
        ),
      ],
    },
  ),
  setting(
    'day_ahead_prices/prices',
    { ...slots, prices: upTo(MOST_SLOTS, i32('ct/1000')) },
    {
      doc: 'Prices of a kWh from `first_date` (minutes since 1970) on, one for each quarter of an hour (`resolution` 0) or hour (1).',
      ...SINCE,
      poll: 'rare',
      needs: 'the API as source in day_ahead_prices/config to be written',
      example: { first_date: 0, resolution: 0, prices: [] },
      hint: 'the charger takes prices only while the API is their source',
    },
  ),
  state(
    'solar_forecast/state',
    { wh_today: i32('Wh'), wh_today_remaining: i32('Wh'), wh_tomorrow: i32('Wh') },
    {
      doc: 'What the solar system is expected to yield today, in the rest of today, and tomorrow; -1 is not known.',
      ...SINCE,
      poll: 'rare',
      example: { wh_today: -1, wh_today_remaining: -1, wh_tomorrow: -1 },
      entities: [
        forecast('forecast_today', ['Solar forecast today', 'Solarprognose heute'], 'wh_today'),
        forecast(
          'forecast_rest',
          ['Solar forecast rest of today', 'Solarprognose Rest von heute'],
          'wh_today_remaining',
        ),
        forecast('forecast_tomorrow', ['Solar forecast tomorrow', 'Solarprognose morgen'], 'wh_tomorrow'),
      ],
    },
  ),
  setting(
    'solar_forecast/planes/N/forecast',
    { ...slots, forecast: upTo(MOST_SLOTS, u32('Wh')) },
    {
      doc: 'What the part N of the solar system is expected to yield from `first_date` (minutes since 1970) on, for each quarter of an hour (`resolution` 0) or hour (1).',
      ...SINCE,
      count: 6,
      poll: 'rare',
      needs: 'the API as source in solar_forecast/config to be written',
      example: { first_date: 0, resolution: 1, forecast: [] },
      hint: 'the charger takes a forecast only while the API is its source',
    },
  ),
  state(
    'eco/state',
    { chargers: optional(array(object({ amount: optional(u32()) }))) },
    {
      doc: 'How long each charger has charged by the plan, in min.',
      ...SINCE,
      poll: 'rare',
      example: { chargers: [] },
    },
  ),
  setting(
    'eco/charge_plan',
    {
      enabled: optional(bool()),
      enable: optional(bool()),
      depature: optional(u8()),
      departure: optional(u8()),
      time: int(0, 1439, 'min'),
      amount: int(1, 48),
    },
    {
      doc: 'The plan of eco charging: until when (0 today, 1 tomorrow, 2 daily, at a minute of the day) and how many hours. Members are called as the topic shows them; `depature` is how the charger spells it.',
      ...SINCE,
      flash: true,
      poll: 'rare',
      example: { enabled: false, depature: 1, time: 480, amount: 4 },
      hint: 'the charger follows the plan only in an eco mode (power_manager/charge_mode)',
    },
  ),
];
