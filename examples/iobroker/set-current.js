// For ioBroker's adapter "javascript": makes a state in A that sets the current of the charger, and shows the present one.
// The adapter "mqtt" must be set up as docs/iobroker.md says. Change the next line if your adapter or prefix is another one.
const charger = 'mqtt.0.warp';
const limit = '0_userdata.0.warp.current_limit';

createState(limit, 0, {
  name: 'Current limit',
  type: 'number',
  role: 'value.current',
  unit: 'A',
  min: 0,
  max: 32,
});
// The state of a command does not exist until somebody makes it.
createState(`${charger}.evse.external_current_update`, '', true, { type: 'string', role: 'json' });

// Somebody sets the current: without ack it is a command.
on({ id: limit, change: 'any', ack: false }, ({ state }) => {
  setState(`${charger}.evse.external_current_update`, String(Math.round(state.val * 1000)));
});

// The charger shows its limit: with ack it is a fact.
on({ id: `${charger}.evse.external_current`, change: 'any' }, ({ state }) => {
  setState(limit, JSON.parse(state.val).current / 1000, true);
});

// What was refused, and why.
on({ id: `${charger}.bridge.response`, change: 'any' }, ({ state }) => {
  const answer = JSON.parse(state.val);
  if (answer.status === 'error') log(`${answer.topic}: ${answer.error}`, 'warn');
});
