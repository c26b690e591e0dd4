import type { Live } from './live.js';
import { clockTime, word } from './words.js';

/** The last answered writes, whoever sent them. */
export function Writes({ live }: { readonly live: Live }) {
  return (
    <section class="card" aria-labelledby="writes">
      <h2 id="writes">{word('writes')}</h2>
      {live.writes.length === 0 ? (
        <p>{word('noWrites')}</p>
      ) : (
        // The table may be wider than a phone, so it must be possible to scroll it with keys.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by the keyboard
        <div class="scroll" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">{word('when')}</th>
                <th scope="col">{word('topic')}</th>
                <th scope="col">{word('outcome')}</th>
                <th scope="col">{word('detail')}</th>
              </tr>
            </thead>
            <tbody>
              {live.writes.map((write) => (
                <tr key={`${write.at} ${write.topic}`} class={REFUSED.test(write.outcome) ? 'bad' : 'ok'}>
                  <td>{clockTime(write.at)}</td>
                  <td>{write.topic}</td>
                  <td>{outcomeOf(write.outcome)}</td>
                  <td>{write.detail}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

/** Outcomes that are codes of refusals: all others than `ok` and `waiting`. */
const REFUSED = /^(?!ok$|waiting$)/;

function outcomeOf(outcome: string): string {
  if (outcome === 'ok') return word('done');
  return outcome === 'waiting' ? word('waits') : `${word('refused')} (${outcome})`;
}
