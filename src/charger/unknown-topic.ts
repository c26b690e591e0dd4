import { Refused } from '../base/errors.js';
import { nearest } from '../base/nearest.js';
import type { Registry } from '../topics/index.js';
import { updateOf } from '../topics/namespaces.js';

/** For a longer path no similar topic is searched, characters: that would take too long. */
const MAX_NAME = 100;

/** The refusal that says why nothing can be written to `path`, and which topic was probably meant (contract 3). */
export function unknownTopic(path: string, topics: Registry): Refused {
  const row = topics.get(path);
  if (row) return new Refused('unknown', `${path} can only be read`);
  return new Refused('unknown', `there is no topic ${path}${didYouMean(path, topics)}`);
}

function didYouMean(path: string, topics: Registry): string {
  if (path.length > MAX_NAME) return '';
  const writable = topics.rows.filter(({ command }) => command);
  // A wrong or missing module (`external_current`, `warp/external_current`) is as common as a mistyped letter.
  const name = path.slice(path.lastIndexOf('/') + 1);
  const names = writable.map((row) => row.path.slice(row.path.indexOf('/') + 1));
  const found =
    nearest(
      path,
      writable.map((row) => row.path),
    ) ?? writable[names.indexOf(nearest(name, names) ?? '')]?.path;
  if (found === undefined) return '';
  return `; did you mean ${topics.get(found)?.command?.action ? found : updateOf(found)}?`;
}
