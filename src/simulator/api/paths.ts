import type { Json } from '../../base/json.js';
import { isIndex } from './value-check.js';

/** A path into a document may have this many parts at most (charger-wire 3.5). */
const MAX_SEGMENTS = 8;

/** The parts of a suffix: none for the whole document, undefined where it is malformed. */
export function segmentsOf(suffix: string): readonly string[] | undefined {
  if (suffix === '') return [];
  const segments = suffix.split('/');
  return segments.length > MAX_SEGMENTS || segments.includes('') ? undefined : segments;
}

/** The part of `document` at `segments`; undefined if there is none. Segments of digits are indices, others keys. */
export function partOf(document: Json, segments: readonly string[]): Json | undefined {
  let part: Json | undefined = document;
  for (const segment of segments) {
    if (typeof part !== 'object' || part === null) return undefined;
    // What is inside JSON is JSON; an index may be beyond its end.
    if (Array.isArray(part))
      part = isIndex(segment) ? (part[Number(segment)] as Json | undefined) : undefined;
    else
      part =
        !isIndex(segment) && Object.hasOwn(part, segment)
          ? (part as Record<string, Json>)[segment]
          : undefined;
  }
  return part;
}

/** Ways to split a path into a topic and the suffix behind it, longest topic first. */
export function* splits(path: string): Generator<readonly [topic: string, suffix: string]> {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
    yield [path.slice(0, at), path.slice(at + 1)];
  }
}
