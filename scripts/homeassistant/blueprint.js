// Charges by the blueprint for PV surplus in a real Home Assistant.

/** An automation made from the blueprint of the repository, with a sensor of the grid's power that is set here. */
export async function followsTheSun({ ha, device, vehicle, stateIs }) {
  const entities = await ha.entities(device);
  const id = (key) => entities.get(key).entity_id;
  const grid = (watts) =>
    ha.post('/api/states/sensor.grid', { state: String(watts), attributes: { device_class: 'power' } });
  const automation = await ha.blueprint('pv-surplus.yaml', {
    grid_power: 'sensor.grid',
    current: id('external_current'),
    vehicle: id('vehicle_connected'),
    charger_power: id('power'),
    maximum: 16,
    pause: 0,
    patience: 0,
  });
  const acts = async (watts, amps) => {
    await grid(watts);
    await ha.call('automation.trigger', automation, { skip_condition: false });
    await stateIs('external_current', ({ state }) => Number(state) === amps);
  };
  const carTakes = (watts) => stateIs('power', ({ state }) => Math.abs(Number(state) - watts) < 300);
  await vehicle({ connected: true, requesting: true, max_current: 32_000 });
  await ha.call('number.set_value', id('external_current'), { value: 0 });
  await carTakes(0);
  await grid(-5_000);
  await stateIs('external_current', ({ state }) => Number(state) === 6);
  // From here on it runs only when asked to, for the grid's power here does not follow the car.
  await ha.call('automation.turn_off', automation);
  await carTakes(6 * 690);
  await acts(-2_400, 9);
  await carTakes(9 * 690);
  await acts(-20_000, 16);
  await carTakes(16 * 690);
  await acts('unavailable', 6);
  await carTakes(6 * 690);
  await acts(1_000, 0);
  await ha.call('number.set_value', id('external_current'), { value: 32 });
}
