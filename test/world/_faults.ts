import type { Controller } from '../../src/model/controller.js';
import type { Ending, Network, Reach } from './_net.js';
import { RACES } from './_races.js';
import { during, type Fault, type Stage } from './_stage.js';

/** A flood: how long it lasts, and the time between two pieces of it, ms. */
const FLOOD_MS = 3_000;
const FLOOD_STEP_MS = 30;

/** How long a polite writer beside a flood may wait, ms. */
const POLITE_MS = 1_200;

const ENDINGS: readonly Ending[] = ['fin', 'reset'];

/** How long the program waits for an acknowledgement, ms. */
const ACK_PATIENCE_MS = 30_000;

function unreachable(stage: Stage, net: Network, reach: Reach, ms: number): number {
  net.reach = reach;
  net.cut(stage.random.pick(ENDINGS));
  return during(stage, ms, () => {
    net.reach = 'open';
  });
}

/** Faults of one of the two networks. */
function ofNetwork(pick: (stage: Stage) => Network, longest: number): Readonly<Record<string, Fault>> {
  return {
    cut: (stage) => {
      pick(stage).cut(stage.random.pick(ENDINGS));
      return 0;
    },
    halve: (stage) => {
      pick(stage).halveNext(stage.random.pick(ENDINGS));
      return 0;
    },
    freeze: (stage) => {
      const ms = stage.random.scale(500, longest);
      pick(stage).freeze(ms);
      return ms;
    },
    slow: (stage) => {
      const ms = stage.random.scale(2_000, 10_000);
      pick(stage).slow(ms);
      return ms;
    },
    refused: (stage) => unreachable(stage, pick(stage), 'refused', stage.random.scale(500, longest)),
    silent: (stage) => unreachable(stage, pick(stage), 'silent', stage.random.scale(500, longest)),
    nameless: (stage) => unreachable(stage, pick(stage), 'unknown_name', stage.random.scale(500, longest)),
  };
}

function fallen(condition: 'frozen' | 'no_controller' | 'stranger'): Fault {
  return (stage) => {
    stage.charger.fall(condition);
    return during(stage, stage.random.scale(2_000, 30_000), () => stage.charger.recover());
  };
}

/** Changes a rule of the broker for a while. */
function ruled(longest: number, change: (stage: Stage) => () => void): Fault {
  return (stage) => during(stage, stage.random.scale(500, longest), change(stage));
}

const OWN_FAULTS: Readonly<Record<string, Fault>> = {
  reboot: (stage) => {
    const { random, charger } = stage;
    const downtime = random.scale(1_000, 12_000);
    const how = random.pick(['orderly', 'reset', 'vanish'] as const);
    charger.reboot(downtime, how, random.pick(['refused', 'silent'] as const));
    return downtime + 100 + charger.habits.booting;
  },
  stall: (stage) => {
    const ms = stage.random.scale(1_000, 15_000);
    stage.charger.stall(ms);
    return ms;
  },
  frozen: fallen('frozen'),
  no_controller: fallen('no_controller'),
  stranger: fallen('stranger'),
  lost_answers: (stage) => {
    stage.charger.loseAnswers(stage.random.int(1, 2));
    return during(stage, 5_000, () => stage.charger.loseAnswers(0));
  },
  refusing: (stage) => {
    stage.charger.refuse('["current"] not today');
    return during(stage, 5_000, () => stage.charger.refuse(undefined));
  },
  doubled: ({ charger }) => {
    charger.doubleAnswer();
    return 0;
  },
  nonsense: ({ charger, clock, violated, edges }) => {
    const clients = charger.pushClients;
    const edge = edges() + 1;
    charger.sayNonsense();
    // One line that can't be read is no reason to give up a connection.
    clock.after(300, () => {
      if (edges() === edge && charger.pushClients < clients) violated('one bad line has ended push');
    });
    return 0;
  },
  evicted: ({ charger }) => {
    charger.evict();
    return 0;
  },
  forgotten: (stage) => {
    stage.charger.forgetConnections();
    return 0;
  },
};

const BROKER_FAULTS: Readonly<Record<string, Fault>> = {
  crash: ({ broker, random }) => {
    const ms = random.scale(300, 12_000);
    broker.crash(ms, random.maybe(0.5));
    return ms;
  },
  half_open: ({ brokerNet, broker, random }) => {
    for (const socket of [...brokerNet.sockets]) if (socket.peer) socket.vanish();
    if (random.maybe(0.5)) broker.accepted?.lost();
    return 0;
  },
  taken_over: ({ broker }) => {
    broker.takeOver('bridge', 'a rival');
    return 0;
  },
  hangs_up: ruled(4_000, ({ broker, brokerNet }) => {
    broker.rules.hangsUp = true;
    brokerNet.cut('reset');
    return () => {
      broker.rules.hangsUp = false;
    };
  }),
  silent_broker: ruled(12_000, ({ broker, brokerNet }) => {
    broker.rules.silent = true;
    brokerNet.cut('fin');
    return () => {
      broker.rules.silent = false;
    };
  }),
  refuses_login: ruled(10_000, ({ broker, brokerNet }) => {
    broker.rules.refusesLogin = true;
    brokerNet.cut('fin');
    return () => {
      broker.rules.refusesLogin = false;
    };
  }),
  loses_acks: (stage) => {
    const { broker, random } = stage;
    broker.rules.losesAcks = true;
    broker.rules.hampered += 1;
    const ms = random.scale(500, 20_000);
    stage.clock.after(ms, () => {
      broker.rules.losesAcks = false;
    });
    // An acknowledgement that got lost never comes: that is found out by waiting for it.
    return during(stage, ms + ACK_PATIENCE_MS, () => {
      broker.rules.hampered -= 1;
    });
  },
  repeats: ruled(10_000, ({ broker }) => {
    broker.rules.repeats = true;
    return () => {
      broker.rules.repeats = false;
    };
  }),
  denies_publish: ruled(10_000, ({ broker, random, qos }) => {
    // MQTT 3.1.1 has no words for it, and QoS 0 no answer: nobody can know.
    if (broker.rules.version === 4 || broker.rules.maxQos === 0 || qos === 0) return () => {};
    const part = random.pick(['warp/', 'warp/evse/', 'warp/evse/s', 'warp/bridge/', 'homeassistant/']);
    broker.rules.deniesPublish = (topic) => topic.startsWith(part);
    broker.rules.hampered += 1;
    return () => {
      broker.rules.hampered -= 1;
      broker.rules.deniesPublish = () => false;
    };
  }),
  denies_subscribe: ruled(10_000, ({ broker, brokerNet }) => {
    broker.rules.deniesSubscribe = (topic) => topic.endsWith('_update');
    brokerNet.cut('fin');
    return () => {
      broker.rules.deniesSubscribe = () => false;
    };
  }),
};

const USER_FAULTS: Readonly<Record<string, Fault>> = {
  overwritten: ({ users }) => {
    users.overwrite();
    return 0;
  },
  flood: (stage) => {
    const { charger, clock, users, violated, edges, isCalm } = stage;
    for (let at = 0; at < FLOOD_MS; at += FLOOD_STEP_MS) clock.after(at, () => users.flood());
    const edge = edges() + 1;
    clock.after(FLOOD_MS / 2, () => {
      if (edges() !== edge || !isCalm()) return;
      const wish = users.askAtRest();
      // With MQTT 3.1.1 the answer to a write that the charger refuses does not say whose it is.
      if (charger.isRefusing && !wish.answered) return;
      clock.after(POLITE_MS, () => {
        const isServed = wish.executions.length > 0 || wish.answers.length > 0;
        if (edges() === edge && isCalm() && !isServed) violated('a flood has starved a polite writer');
      });
    });
    return FLOOD_MS;
  },
  old_wish: ({ users }) => {
    users.leaveRetained();
    return 0;
  },
  killed: ({ killProgram, random }) => {
    const ms = random.int(0, 3_000);
    killProgram(ms);
    return ms;
  },
};

const named = (prefix: string, faults: Readonly<Record<string, Fault>>): [string, Fault][] =>
  Object.entries(faults).map(([name, fault]) => [`${prefix}${name}`, fault]);

/** Every fault by name. */
export const FAULTS: ReadonlyMap<string, Fault> = new Map([
  ...named(
    'charger_net_',
    ofNetwork(({ chargerNet }) => chargerNet, 20_000),
  ),
  ...named(
    'broker_net_',
    ofNetwork(({ brokerNet }) => brokerNet, 20_000),
  ),
  ...named('', OWN_FAULTS),
  ...named('', BROKER_FAULTS),
  ...named('', USER_FAULTS),
  ...named('', RACES),
]);

/** What happens to a charger without anybody's fault. */
export function change(stage: Stage): void {
  const { random, charger } = stage;
  const act = random.pick<(controller: Controller) => void>([
    (controller) =>
      controller.world.setVehicle({ ...controller.world.vehicle(), connected: true, requesting: true }),
    (controller) =>
      controller.world.setVehicle({ ...controller.world.vehicle(), connected: false, requesting: false }),
    (controller) => controller.limits.setGlobalCurrent(random.int(6_000, 6_500) * 4),
    (controller) =>
      controller.limits.setSlot({ slot: 7, active: true, max_current: random.int(6_000, 32_000) }),
    (controller) => controller.limits.setExternalCurrent(random.int(6_000, 6_500) * 3),
    (controller) => controller.stopCharging(),
  ]);
  charger.world(act);
}
