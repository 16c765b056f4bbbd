/**
 * Sums measurements into metric points, for the hook, where the OpenTelemetry SDK would cost too much. Temporality and the
 * bound on series follow the metrics SDK specification.
 */

import type { Attributes, Metric, Temporality } from '../calls/model.js';
import type { UnixNanos } from '../wire/exchange.js';
import type { Instrument } from './instruments.js';
import type { Measurement } from './measurements.js';

/** Series per metric; the rest is summed under one overflow attribute, as the specification demands. */
const MOST_SERIES = 2000;
const OVERFLOW: Attributes = { 'otel.metric.overflow': true };

interface Series {
  readonly attributes: Readonly<Attributes>;
  readonly start: UnixNanos;
  count: number;
  sum: number;
  min: number;
  max: number;
  readonly buckets: number[];
}

export interface Aggregator {
  add(measurement: Measurement): void;
  /** All that was summed since the start (cumulative) or since the last call (delta). Empty when nothing was. */
  collect(time: UnixNanos): Metric[];
}

export function createAggregator(temporality: Temporality, start: UnixNanos, mostSeries = MOST_SERIES): Aggregator {
  const metrics = new Map<Instrument, Map<string, Series>>();
  let from = start;
  let changed = false;
  // The measurements of one call come in a row and share their attributes, and most of a stream's are of one instrument.
  let lastAttributes: Readonly<Attributes> | undefined;
  let lastKey = '';
  let lastInstrument: Instrument | undefined;
  let lastSeries: Series | undefined;

  function seriesOf({ instrument, value, attributes, further }: Measurement): Series {
    let all = metrics.get(instrument);
    if (all === undefined) {
      all = new Map();
      metrics.set(instrument, all);
    }
    if (attributes !== lastAttributes) {
      lastAttributes = attributes;
      lastKey = keyOf(attributes);
    }
    const key = further === undefined ? lastKey : lastKey + keyOf(further);
    const known = all.get(key);
    if (known !== undefined) return known;
    const overflows = all.size >= mostSeries - 1;
    const place = overflows ? 'overflow' : key;
    const overflow = all.get(place);
    if (overflow !== undefined) return overflow;
    const series: Series = {
      attributes: overflows ? OVERFLOW : ownCopy({ ...attributes, ...further }),
      start: from,
      count: 0,
      sum: 0,
      min: value,
      max: value,
      buckets: new Array<number>(instrument.bounds.length + 1).fill(0),
    };
    all.set(place, series);
    return series;
  }

  return {
    add(measurement) {
      const { instrument, value, attributes, further } = measurement;
      if (!Number.isFinite(value) || value < 0) return;
      const again = instrument === lastInstrument && attributes === lastAttributes && further === undefined;
      const series = again ? lastSeries! : seriesOf(measurement);
      lastInstrument = further === undefined ? instrument : undefined;
      lastSeries = series;
      series.count += 1;
      series.sum += value;
      if (value < series.min) series.min = value;
      if (value > series.max) series.max = value;
      const bucket = bucketOf(instrument.bounds, value);
      series.buckets[bucket] = (series.buckets[bucket] ?? 0) + 1;
      changed = true;
    },
    collect(time) {
      if (!changed) return [];
      const collected = [...metrics].map(([instrument, all]) =>
        metricOf(instrument, [...all.values()], temporality, time),
      );
      if (temporality === 'delta') {
        metrics.clear();
        lastInstrument = undefined;
        from = time;
        changed = false;
      }
      return collected;
    },
  };
}

function metricOf(instrument: Instrument, all: readonly Series[], temporality: Temporality, time: UnixNanos): Metric {
  const { name, description, unit } = instrument;
  const base = { name, description, unit, temporality };
  if (instrument.type === 'counter') {
    const points = all.map(({ attributes, start, sum }) => ({ attributes, start, time, value: sum }));
    return { ...base, type: 'sum', monotonic: true, integer: true, points };
  }
  const points = all.map(({ attributes, start, count, sum, min, max, buckets }) => ({
    attributes,
    start,
    time,
    count,
    sum,
    min,
    max,
    bounds: instrument.bounds,
    bucketCounts: [...buckets],
  }));
  return { ...base, type: 'histogram', points };
}

/** Bounds are inclusive upper ends. */
function bucketOf(bounds: readonly number[], value: number): number {
  let bucket = 0;
  while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket += 1;
  return bucket;
}

/** Texts of a call may be parts of a request's whole head, and keep it in memory; a series lives as long as the program. */
function ownCopy(attributes: Attributes): Attributes {
  return JSON.parse(JSON.stringify(attributes)) as Attributes;
}

/** Dimensions are always picked in the same order, so the text is the same for the same set. */
function keyOf(attributes: Readonly<Attributes>): string {
  return JSON.stringify(attributes);
}
