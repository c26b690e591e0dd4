import type { CheckStep, TopicView, WriteRequest } from '../page-protocol.js';

/** The outcome of a write (contract 4.8), as far as the page shows it. */
export interface WriteReceipt {
  readonly status: 'ok' | 'waiting' | 'error';
  readonly error?: string;
  readonly applied?: boolean;
  readonly hint?: string;
}

/** Writes as an MQTT publish to the topic would. Never rejects: a failure resolves to an error receipt. */
export async function write(request: WriteRequest): Promise<WriteReceipt> {
  try {
    const response = await post('api/write', request);
    return await response.json();
  } catch (error) {
    return { status: 'error', error: String(error) };
  }
}

/** Runs the check; `tell` is called with each step as soon as it is done. */
export async function runCheck(tell: (step: CheckStep) => void): Promise<void> {
  const response = await post('api/check', {});
  if (!response.ok) {
    const { error = `HTTP ${response.status}` } = await response.json();
    tell({ result: 'FAIL', text: error });
    return;
  }
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    const lines = (rest + part.value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') tell(JSON.parse(line));
  }
}

/** The reference of the charger's topics. */
export async function loadTopics(prefix: string): Promise<readonly TopicView[]> {
  const response = await fetch(`api/topics?charger=${encodeURIComponent(prefix)}`);
  return response.ok ? await response.json() : [];
}

function post(path: string, body: unknown): Promise<Response> {
  return fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}
