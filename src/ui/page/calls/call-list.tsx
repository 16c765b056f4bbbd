/** The list of calls: only the rows on the screen exist. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { follow } from '../events.js';
import { cursor, failure, need, refresh, rowAt, seen, total, upto, waiting } from '../list.js';
import { go, route } from '../route.js';
import { Row } from './call-row.js';
import { Titles } from './column-titles.js';
import { NoCalls } from './no-calls.js';

/** Rows above and below the screen, so that a turn of the wheel finds them there. */
const AROUND = 8;

export function CallList() {
  const box = useRef<HTMLDivElement>(null);
  const height = useRowHeight();
  const [top, setTop] = useState(0);
  const [screen, setScreen] = useState(600);
  const all = total.value;
  const first = Math.max(0, Math.floor(top / height) - AROUND);
  const last = Math.min((all ?? 0) - 1, Math.ceil((top + screen) / height) + AROUND);

  useLayoutEffect(() => {
    const element = box.current!;
    const observer = new ResizeObserver(() => setScreen(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const scrolled = Math.floor(top / height);
  useEffect(() => need(scrolled, Math.max(scrolled, last)), [scrolled, last, all, upto.value]);
  // Back at the top: what came meanwhile is shown.
  useEffect(() => {
    if (scrolled === 0) follow();
  }, [scrolled === 0]);
  useEffect(() => keepInSight(box.current!, cursor.value, height), [cursor.value, height]);

  const places = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
  const { call } = route.value;
  return (
    <>
      {failure.value !== undefined && <p class="banner">{failure.value}</p>}
      {seen.value[0] > 0 && waiting.value > 0 && (
        <button
          type="button"
          class="more"
          onClick={() => {
            box.current!.scrollTop = 0;
            seen.value = [0, 40];
            void refresh();
          }}
        >
          ↑ {waiting.value} new
        </button>
      )}
      {all === 0 && <NoCalls />}
      <div
        ref={box}
        class="table"
        hidden={all === 0}
        role="grid"
        tabIndex={0}
        aria-label="Calls"
        aria-rowcount={(all ?? 0) + 1}
        aria-colcount={9}
        aria-activedescendant={cursor.value >= first && cursor.value <= last ? `row-${cursor.value}` : undefined}
        onScroll={event => setTop(event.currentTarget.scrollTop)}
      >
        <Titles />
        <div class="whole" role="rowgroup" style={{ height: `${(all ?? 0) * height}px` }}>
          {places.map(place => (
            <Row
              key={place}
              place={place}
              top={place * height}
              call={rowAt(place)}
              open={call !== undefined && rowAt(place)?.id === call}
              current={cursor.value === place}
              onOpen={id => {
                cursor.value = place;
                go({ call: id }, call !== undefined);
              }}
            />
          ))}
        </div>
      </div>
    </>
  );
}

/** As the style sheet says: a row on a phone has two lines. */
function useRowHeight(): number {
  const read = () => Number.parseInt(getComputedStyle(document.documentElement).getPropertyValue('--row'), 10) || 34;
  const [height, setHeight] = useState(read);
  useEffect(() => {
    const changed = () => setHeight(read());
    addEventListener('resize', changed);
    return () => removeEventListener('resize', changed);
  }, []);
  return height;
}

function keepInSight(box: HTMLElement, place: number, height: number): void {
  if (place < 0) return;
  const [begin, end] = [place * height, (place + 1) * height];
  // The titles stay above the rows.
  const room = box.clientHeight - (box.firstElementChild as HTMLElement).offsetHeight;
  if (begin < box.scrollTop) box.scrollTop = begin;
  else if (end > box.scrollTop + room) box.scrollTop = end - room;
}
