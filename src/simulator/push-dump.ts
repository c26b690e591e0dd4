/** One line of the WebSocket: a topic and its JSON text. */
export function line(path: string, text: string): string {
  return `{"topic":"${path}","payload":${text}}\n`;
}

/** The sign of life of a release (charger-wire 5); `uptime` in ms. */
export function keepAliveLine(form: 'old' | 'spaced' | 'compact', uptime: number): string {
  if (form === 'old') return line('keep-alive', '"null"');
  if (form === 'compact') return line('info/keep_alive', `{"uptime":${uptime}}`);
  return `{"topic": "info/keep_alive", "payload": {"uptime": ${uptime}}}\n`;
}

/**
 * Packs lines into frames of at most `limit` bytes; a line is never split, and an empty line after the last one
 * marks the end. Without a limit everything is one frame that has no such end (charger-wire 5).
 */
export function frames(lines: readonly string[], limit: number | undefined): string[] {
  if (limit === undefined) return [lines.join('')];
  const full: string[] = [];
  let frame = '';
  let bytes = 0;
  for (const next of lines) {
    const size = Buffer.byteLength(next);
    // One byte stays free for the end.
    if (bytes > 0 && bytes + size > limit - 1) {
      full.push(frame);
      frame = '';
      bytes = 0;
    }
    frame += next;
    bytes += size;
  }
  return [...full, `${frame}\n`];
}
