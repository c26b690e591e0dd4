import { brokerCases } from './_broker-cases.js';
import type { FaultCase } from './_case.js';
import { chargerCases } from './_charger-cases.js';
import { fuzzCases } from './_fuzz-cases.js';
import { processCases } from './_process-cases.js';
import { settingCases } from './_setting-cases.js';
import { standbyCases } from './_standby-cases.js';
import { strangerCases } from './_stranger-cases.js';

/** Every fault, in the order of the page about reliability. */
export const faultGroups: readonly (readonly [title: string, cases: readonly FaultCase[]])[] = [
  ['The broker, and the way to it', brokerCases],
  ['The charger, and the way to it', chargerCases],
  ['Strangers, and brokers that are none', strangerCases],
  ['The process', processCases],
  ['Two processes with the same settings', standbyCases],
  ['TLS, files and the embedded broker', settingCases],
  ['Inputs by chance', fuzzCases],
];
