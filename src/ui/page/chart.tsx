/** A curve over calls, with the same figures as words for who cannot see it. */
import { useEffect, useRef, useState } from 'preact/hooks';

interface ChartProps {
  readonly title: string;
  /** What each value belongs to. */
  readonly labels: readonly string[];
  readonly values: readonly (number | undefined)[];
  format(value: number | undefined): string;
  /** A click on a value. */
  onPick?(index: number): void;
}

const HEIGHT = 150;
const LEFT = 64;
const EDGE = 8;
/** Points of longer curves would touch each other. */
const MOST_POINTS = 60;

/** Steps of 1, 2 or 5 that make about three lines. */
function ticksUpTo(most: number): number[] {
  const raw = most / 3;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5].find(factor => factor * power >= raw) ?? 10) * power;
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, index) => index * step);
}

export function Chart({ title, labels, values, format, onPick }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(400);
  const [near, setNear] = useState<number>();
  useEffect(() => {
    const observer = new ResizeObserver(() => setWidth(box.current?.clientWidth ?? 400));
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  const known = values.filter(value => value !== undefined);
  const most = Math.max(...known, 0) || 1;
  const ticks = ticksUpTo(most);
  const x = (index: number) => LEFT + (index * (width - LEFT - EDGE)) / Math.max(values.length - 1, 1);
  const y = (value: number) => HEIGHT - 22 - (value * (HEIGHT - 22 - EDGE)) / Math.max(most, ticks.at(-1)!);
  const points = values.flatMap((value, index) => (value === undefined ? [] : [[x(index), y(value), index] as const]));
  const line = points
    .map(([left, top], index) => `${index === 0 ? 'M' : 'L'}${left.toFixed(1)} ${top.toFixed(1)}`)
    .join('');
  const area = points.length > 1 ? `${line}L${points.at(-1)![0]} ${y(0)}L${points[0]![0]} ${y(0)}Z` : '';
  const place = (event: PointerEvent | MouseEvent) => {
    const left = event.clientX - box.current!.getBoundingClientRect().left;
    const step = (width - LEFT - EDGE) / Math.max(values.length - 1, 1);
    return Math.max(0, Math.min(values.length - 1, Math.round((left - LEFT) / step)));
  };
  const shown = near !== undefined && near < values.length ? near : undefined;
  return (
    <figure class="chart">
      <figcaption>
        <span>{title}</span>
        <span class="space" />
        <span class="number">
          {shown === undefined
            ? format(known.at(-1))
            : `call ${shown + 1} · ${labels[shown]} · ${format(values[shown])}`}
        </span>
      </figcaption>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: a short way for the mouse; the list of calls is the other */}
      <div
        ref={box}
        role="img"
        aria-label={`${title}: ${known.length === 0 ? 'not known' : `from ${format(known[0])} to ${format(known.at(-1))}`}, ${values.length} calls`}
        class={onPick === undefined ? '' : 'picks'}
        onPointerMove={event => setNear(place(event))}
        onPointerLeave={() => setNear(undefined)}
        onClick={event => onPick?.(place(event))}
      >
        <svg width={width} height={HEIGHT} aria-hidden="true">
          {ticks.map(tick => (
            <g key={tick}>
              <line class="grid" x1={LEFT} x2={width - EDGE} y1={y(tick)} y2={y(tick)} />
              <text x={LEFT - 8} y={y(tick) + 4} text-anchor="end">
                {format(tick)}
              </text>
            </g>
          ))}
          <text x={LEFT} y={HEIGHT - 4}>
            {labels[0]}
          </text>
          <text x={width - EDGE} y={HEIGHT - 4} text-anchor="end">
            {labels.length > 1 ? labels.at(-1) : ''}
          </text>
          <path class="area" d={area} />
          <path class="curve" d={line} />
          {points.length <= MOST_POINTS &&
            points.map(([left, top, index]) => <circle key={index} cx={left} cy={top} r="3" />)}
          {shown !== undefined && <line class="near" x1={x(shown)} x2={x(shown)} y1={EDGE} y2={HEIGHT - 22} />}
        </svg>
      </div>
    </figure>
  );
}
