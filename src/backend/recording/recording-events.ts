import { isObject, type Json, type JsonObject, parseJson } from '../../base/json.js';

/** The first line of a recording. */
export interface RecordingHeader {
  readonly recording: typeof KIND;
  readonly format: typeof FORMAT;
  /** The version of the program that made the recording. */
  readonly version: string;
  /** When it began, as ISO 8601 in UTC. */
  readonly started: string;
}

/** One line of a recording; `at`: ms since its begin. */
export type RecordingEvent = { readonly at: number } & (
  | { readonly type: 'online'; readonly transport: string }
  | { readonly type: 'offline'; readonly why: string; readonly transport?: string }
  | { readonly type: 'state'; readonly topic: string; readonly text: string }
  | { readonly type: 'frame'; readonly bytes: number }
  | RequestEvent
);

export interface RequestEvent {
  readonly type: 'request';
  readonly method: 'GET' | 'PUT';
  readonly path: string;
  readonly body?: Json;
  readonly status: number | null;
  readonly text?: string;
}

/** The last line of a complete recording: the number of lines before it, and their digest (SHA-256). */
export interface RecordingEnd {
  readonly at: number;
  readonly type: 'end';
  readonly lines: number;
  readonly sha256: string;
}

const KIND = 'evse-mqtt-bridge';
const FORMAT = 1;

/** Formats the first line of a recording that began at `started`. */
export function headerLine(version: string, started: Date): string {
  const header: RecordingHeader = {
    recording: KIND,
    format: FORMAT,
    version,
    started: started.toISOString(),
  };
  return JSON.stringify(header);
}

/** Why `line` is not the first one of a recording, or undefined where it is. */
export function headerFault(line: string): string | undefined {
  const header = objectIn(line);
  if (header?.recording !== KIND) return 'it is no recording of this program';
  if (header.format === FORMAT) return undefined;
  return `it has format ${JSON.stringify(header.format)}, and this version reads ${FORMAT}: take the version that made it (${String(header.version)}) or a later one`;
}

/** Formats an event as one line. The payload is last and as it came, so that it can be read back without a change. */
export function eventLine(event: RecordingEvent): string {
  if (event.type !== 'state') return JSON.stringify(event);
  const { at, type, topic, text } = event;
  const head = JSON.stringify({ at, type, topic });
  const payload = /[\r\n]/.test(text) ? JSON.stringify(JSON.parse(text)) : text;
  return `${head.slice(0, -1)}${PAYLOAD}${payload}}`;
}

const PAYLOAD = ',"payload":';

/** Parses a line after the first one; undefined if it is no line of a recording. */
export function readEvent(line: string): RecordingEvent | RecordingEnd | undefined {
  const value = objectIn(line);
  const { at, type } = value ?? {};
  if (!value || typeof at !== 'number' || !(at >= 0)) return undefined;
  switch (type) {
    case 'online':
      return typeof value.transport === 'string' ? { at, type, transport: value.transport } : undefined;
    case 'offline':
      return typeof value.why === 'string'
        ? {
            at,
            type,
            why: value.why,
            ...(typeof value.transport === 'string' ? { transport: value.transport } : {}),
          }
        : undefined;
    case 'frame':
      return typeof value.bytes === 'number' ? { at, type, bytes: value.bytes } : undefined;
    case 'state':
      return stateIn(line, at, value);
    case 'request':
      return requestIn(at, value);
    case 'end': {
      const { lines, sha256 } = value;
      if (typeof lines !== 'number' || typeof sha256 !== 'string') return undefined;
      return { at, type, lines, sha256 };
    }
    default:
      return undefined;
  }
}

function stateIn(line: string, at: number, { topic, payload }: JsonObject): RecordingEvent | undefined {
  if (typeof topic !== 'string' || payload === undefined) return undefined;
  const head = `${JSON.stringify({ at, type: 'state', topic }).slice(0, -1)}${PAYLOAD}`;
  const text = line.startsWith(head) ? line.slice(head.length, -1) : JSON.stringify(payload);
  return { at, type: 'state', topic, text };
}

function requestIn(at: number, value: JsonObject): RecordingEvent | undefined {
  const { method, path, body, status, text } = value;
  if ((method !== 'GET' && method !== 'PUT') || typeof path !== 'string') return undefined;
  if (status !== null && typeof status !== 'number') return undefined;
  return {
    at,
    type: 'request',
    method,
    path,
    status,
    ...(body === undefined ? {} : { body }),
    ...(typeof text === 'string' ? { text } : {}),
  };
}

function objectIn(line: string): JsonObject | undefined {
  const value = parseJson(line);
  return isObject(value) ? value : undefined;
}
