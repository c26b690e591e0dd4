import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { Live, LoggedWrite } from './live.js';
import { asAmperes, asKilowatts, clockTime, locale, word } from './words.js';

const HEIGHT_PX = 180;
const HALF_AN_HOUR_S = 30 * 60;

/** The plot begins with the first value that is known, but is never narrower than this. */
const NARROWEST_S = 3 * 60;

/** Power and allowed current over the last half hour, with a mark at each write that was carried out. */
export function Plot({ live }: { readonly live: Live }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const writes = useRef<readonly LoggedWrite[]>(live.writes);
  writes.current = live.writes;

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const draw = () => {
      plot.current?.destroy();
      plot.current = new uPlot(
        options(element.clientWidth, getComputedStyle(element), () => writes.current),
        dataOf(live),
        element,
      );
    };
    draw();
    const resized = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height: HEIGHT_PX }),
    );
    resized.observe(element);
    dark.addEventListener('change', draw);
    return () => {
      resized.disconnect();
      dark.removeEventListener('change', draw);
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [live.prefix]);

  useEffect(() => {
    plot.current?.setData(dataOf(live));
  }, [live.points]);

  return (
    <section class="card" aria-labelledby="history">
      <h2 id="history">{word('history')}</h2>
      <p class="visually-hidden">{word('historyText')}</p>
      <div ref={place} class="plot" aria-hidden="true" />
    </section>
  );
}

function dataOf({ points }: Live): uPlot.AlignedData {
  return [
    points.map(({ at }) => at / 1_000),
    points.map(({ power }) => (power === null ? null : power / 1_000)),
    points.map(({ allowed }) => allowed),
  ];
}

function options(
  width: number,
  style: CSSStyleDeclaration,
  writes: () => readonly LoggedWrite[],
): uPlot.Options {
  const colour = (name: string) => style.getPropertyValue(name);
  const axis = {
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
  return {
    width,
    height: HEIGHT_PX,
    cursor: { y: false },
    scales: {
      x: { range: (plot) => spanOf(plot.data) },
      kW: { range: (_, __, max) => [0, Math.max(2, Math.ceil(max ?? 0) + 1)] },
      A: { range: (_, __, max) => [0, Math.max(8, (max ?? 0) + 2)] },
    },
    axes: [
      // Whole minutes: the labels have no seconds.
      {
        ...axis,
        space: 90,
        incrs: [60, 120, 300, 600],
        values: (_, ticks) => ticks.map((tick) => time.format(tick * 1_000)),
      },
      { ...axis, scale: 'kW', size: 56, values: (_, ticks) => ticks.map((tick) => `${tick} kW`) },
      {
        ...axis,
        scale: 'A',
        side: 1,
        size: 40,
        grid: { show: false },
        values: (_, ticks) => ticks.map((tick) => `${tick} A`),
      },
    ],
    series: [
      { value: (_, at) => (at === null ? '' : clockTime(at * 1_000)), label: word('when') },
      {
        label: word('power'),
        scale: 'kW',
        stroke: colour('--accent'),
        fill: colour('--accent-soft'),
        width: 2,
        points: { show: false },
        value: (_, value) => (value === null ? '–' : asKilowatts(value * 1_000)),
      },
      {
        label: word('allowed'),
        scale: 'A',
        stroke: colour('--second'),
        width: 2,
        points: { show: false },
        dash: [6, 4],
        value: (_, value) => (value === null ? '–' : asAmperes(value)),
      },
    ],
    hooks: { draw: [(plot) => drawMarks(plot, writes(), colour('--muted'))] },
  };
}

function spanOf([times, power, allowed]: uPlot.AlignedData): [from: number, to: number] {
  const now = Date.now() / 1_000;
  const known = times.findIndex((_, at) => (power?.[at] ?? allowed?.[at] ?? null) !== null);
  const first = times[known] ?? now;
  return [Math.max(now - HALF_AN_HOUR_S, Math.min(first, now - NARROWEST_S)), now];
}

function drawMarks(plot: uPlot, writes: readonly LoggedWrite[], colour: string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = colour;
  for (const write of writes) {
    const x = plot.valToPos(write.at / 1_000, 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.globalAlpha = write.outcome === 'ok' ? 0.9 : 0.35;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top + 8);
    ctx.lineTo(x - 5, bbox.top);
    ctx.lineTo(x + 5, bbox.top);
    ctx.fill();
    ctx.fillRect(x, bbox.top, 1, bbox.height);
  }
  ctx.restore();
}
