/** One share of the chargers: number `index` (from 0) of `count`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** `2/10`; a StatefulSet gives its pods names that end in their number, `bridge-2/10`. */
const SHARD = /^(?:[A-Za-z0-9][\w.-]*-)?(\d{1,4})\/(\d{1,4})$/;

/** Reads `2/10`; undefined for a text that is no share, or whose index is not below the count. */
export function parseShard(text: string): Shard | undefined {
  const [, index, count] = (SHARD.exec(text) ?? []).map(Number);
  if (index === undefined || count === undefined) return undefined;
  return index < count ? { index, count } : undefined;
}

/**
 * Whether the charger with this prefix belongs to the share. A prefix is in the same share on every machine: its UTF-8
 * bytes are hashed (FNV-1a, 32 bits).
 */
export function inShard({ index, count }: Shard, prefix: string): boolean {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(prefix)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0) % count === index;
}
