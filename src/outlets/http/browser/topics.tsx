import { useEffect, useState } from 'preact/hooks';
import type { TopicView } from '../page-protocol.js';
import type { Live } from './live.js';
import { loadTopics } from './requests.js';
import { word } from './words.js';

/** Every topic as it is now, with its meaning from the reference. Loaded when it is opened. */
export function Topics({ live }: { readonly live: Live }) {
  const [open, setOpen] = useState(false);
  const [rows, setRows] = useState<readonly TopicView[]>([]);
  const [search, setSearch] = useState('');
  useEffect(() => {
    if (open) loadTopics(live.prefix).then(setRows, () => setRows([]));
  }, [open, live.prefix]);
  const known = new Set(rows.map(({ path }) => path));
  const others = Object.keys(live.states).filter((path) => !known.has(path));
  const all = [...rows, ...others.map((path) => ({ path, doc: '', writable: false }))];
  const wanted = search.toLowerCase();
  const found = all.filter(({ path, doc }) => `${path} ${doc}`.toLowerCase().includes(wanted));
  return (
    <section class="card" aria-labelledby="topics">
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <h2 id="topics">{word('topics')}</h2>
        </summary>
        {open && (
          <>
            <input
              type="search"
              value={search}
              placeholder={word('topicsHint')}
              aria-label={word('topicsHint')}
              onInput={(event) => setSearch(event.currentTarget.value)}
            />
            <dl class="topics">
              {found.map(({ path, doc, writable }) => (
                <div key={path}>
                  <dt>
                    <code>
                      {live.prefix}/{path}
                    </code>
                    {writable && <span class="badge">{word('writable')}</span>}
                  </dt>
                  <dd>
                    {doc !== '' && <p>{doc}</p>}
                    {live.states[path] === undefined ? (
                      <p class="muted">{word('noValue')}</p>
                    ) : (
                      <code>{live.states[path]}</code>
                    )}
                  </dd>
                </div>
              ))}
            </dl>
          </>
        )}
      </details>
    </section>
  );
}
