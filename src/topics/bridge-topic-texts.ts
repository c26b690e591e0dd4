/** A topic below `bridge/` that has no row in the registry. */
export interface BridgeTopicText {
  readonly path: string;
  readonly retained: boolean;
  readonly payload: string;
  /** When it is published. */
  readonly when: string;
  readonly example: string;
}

/** The topics on which the bridge reports about itself and about writes, for the written reference. */
export const bridgeTopicTexts: readonly BridgeTopicText[] = [
  {
    path: 'bridge/state',
    retained: true,
    payload: '`online` or `offline`: whether this program runs and is connected to the broker.',
    when: 'After a connect `online`, as the last of all topics. `offline` is the last will, and the last message of a clean stop.',
    example: 'online',
  },
  {
    path: 'bridge/charger',
    retained: true,
    payload: '`online` or `offline`: whether the published states of the charger are its present ones.',
    when: 'When it changes, and after a connect.',
    example: 'online',
  },
  {
    path: 'bridge/info',
    retained: true,
    payload:
      "JSON: `version` and `started` (the time of the start) of this program, `backend` (`http` or `model`), `prefix`; `transport` (`websocket`, `polling`, `model`, or null while the charger does not answer; not null while only its charge controller is away); the charger's `name`, `type`, `uid` and `firmware`, null if it has not shown them yet; `why`, only while something is wrong: what it is, in words.",
    when: 'When one of these changes.',
    example:
      '{"version":"1.0.0","started":"2026-11-24T18:02:11.000Z","backend":"http","prefix":"warp","transport":"websocket","name":"Garage","type":"WARP2 Charger Pro","uid":"AbCd","firmware":"2.8.9"}',
  },
  {
    path: 'bridge/response',
    retained: false,
    payload:
      'JSON: the outcome of a write. `topic`, `status`; see the next sections. With MQTT 5 the sender also gets it on the response topic of the write, with its correlation data.',
    when: 'Once for every write; after `waiting` a second time.',
    example: '{"topic":"evse/external_current","status":"ok","value":{"current":16000}}',
  },
];

/** Every status of an answer on `bridge/response` (contract 4.8). */
export const answerTexts: Readonly<Record<'ok' | 'waiting' | 'error', string>> = {
  ok: 'The charger took it. `value` is the whole value that was sent. `"unchanged":true`: the charger had this value already, nothing was sent. `"applied":false`: the charger took it and did nothing; `hint` says what can be the reason.',
  waiting:
    'It is valid and will be sent later, after `seconds` at the latest, because the charger keeps this topic in its flash and it was written often. A second answer follows.',
  error: 'Nothing was done. `code` says why, for programs; `error` says it in words.',
};
