import type { Controller } from '../../src/model/controller.js';
import { during, type Fault } from './_stage.js';

/** How long a denial lasts during which the connection ends again and again, and the time between two ends, ms. */
const DENIED_MS = 10_000;
const CUT_STEP_MS = 1_700;

/** How long one waits for the question whose answer is to come late, ms. */
const QUESTION_WITHIN_MS = 8_000;

/** What can be read, and how somebody else changes it. */
const OVERTAKEN: readonly (readonly [
  path: string,
  act: (controller: Controller, current: number) => void,
])[] = [
  ['evse/external_current', (controller, current) => controller.limits.setExternalCurrent(current)],
  ['evse/slots', (controller, current) => controller.limits.setExternalCurrent(current)],
  ['evse/global_current', (controller, current) => controller.limits.setGlobalCurrent(current)],
];

/** Faults of a world in which two processes have the same settings. */
export const FAULTS_OF_PAIR: readonly string[] = [
  'killed',
  'killed',
  'paused',
  'paused',
  'broker_net_cut',
  'charger_net_cut',
  'reboot',
  'flood',
];

/** Faults in which two things that happen at one time are what goes wrong. */
export const RACES: Readonly<Record<string, Fault>> = {
  /** An answer is on its way for long, and what it says changes meanwhile: the news come first. */
  overtaken: (stage) => {
    const { charger, random } = stage;
    const [path, act] = random.pick(OVERTAKEN);
    const current = 3 * random.int(6_700, 9_999);
    // After a new dump everything is read once.
    charger.evict();
    charger.overtake(path, random.between(1_200, 4_000), (controller) => act(controller, current));
    return during(stage, QUESTION_WITHIN_MS, () => charger.overtake(undefined));
  },
  /** The main loop stands still, or the network is slow, while writes wait that nobody wants any more soon. */
  hurried: (stage) => {
    const { charger, chargerNet, clock, random, users } = stage;
    const ms = random.between(3_000, 10_000);
    if (random.maybe(0.3)) chargerNet.slow(ms);
    else charger.stall(ms);
    clock.after(random.between(50, 500), () => users.hurry());
    return ms;
  },
  /** The process stands still, as with SIGSTOP or on a machine that is paused. */
  paused: ({ random, pauseProgram }) => {
    const ms = random.scale(1_000, 25_000);
    pauseProgram(ms);
    return ms;
  },
  /** The broker has lost what it retained, denies it when it comes again, and ends the connection again and again. */
  denied_again: (stage) => {
    const { broker, brokerNet, clock, qos, random } = stage;
    if (broker.rules.version === 4 || broker.rules.maxQos === 0 || qos === 0) return 0;
    broker.crash(300, false);
    broker.rules.deniesPublish = (topic) => topic.startsWith('warp/evse/');
    broker.rules.hampered += 1;
    for (let at = CUT_STEP_MS; at < DENIED_MS - CUT_STEP_MS; at += CUT_STEP_MS)
      clock.after(at + random.between(0, 300), () => brokerNet.cut('reset'));
    return during(stage, DENIED_MS, () => {
      broker.rules.hampered -= 1;
      broker.rules.deniesPublish = () => false;
    });
  },
};
