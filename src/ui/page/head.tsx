/** The top line: views, live or paused, help, theme. */
import { follow } from './events.js';
import { latest, live, refresh, waiting } from './list.js';
import { helpOpen, nextTheme, theme } from './look.js';
import { go, route, type View } from './route.js';

const VIEWS: readonly (readonly [View, string])[] = [
  ['calls', 'Calls'],
  ['sessions', 'Sessions'],
  ['processes', 'Processes'],
];

const SIGNS = { system: '◐', light: '☀', dark: '☾' } as const;

export function Head() {
  return (
    <header class="head">
      <strong class="brand">openlit-instrument</strong>
      <nav aria-label="Views">
        {VIEWS.map(([view, title]) => (
          <a
            key={view}
            href={`#/${view}`}
            aria-current={route.value.view === view ? 'page' : undefined}
            onClick={event => {
              event.preventDefault();
              go({ view, query: {}, call: undefined, key: undefined });
            }}
          >
            {title}
          </a>
        ))}
      </nav>
      <span class="space" />
      <Live />
      <button
        type="button"
        class="icon"
        aria-label={`Theme: ${theme.value}`}
        title={`Theme: ${theme.value} (t)`}
        onClick={nextTheme}
      >
        {SIGNS[theme.value]}
      </button>
      <button
        type="button"
        class="icon"
        aria-label="Keyboard and help"
        title="Keyboard and help (?)"
        onClick={() => {
          helpOpen.value = true;
        }}
      >
        ?
      </button>
    </header>
  );
}

export function toggleLive(): void {
  live.value = !live.value;
  if (live.value) void refresh().then(follow);
}

function Live() {
  const more = waiting.value;
  return (
    <button
      type="button"
      class={`live${live.value ? ' on' : ''}`}
      aria-pressed={live.value}
      title="New calls are shown as they come (p pauses)"
      onClick={toggleLive}
    >
      <span class="dot" aria-hidden="true" />
      {live.value ? 'Live' : more > 0 && !latest.value.reading ? `Paused · ${more} new` : 'Paused'}
    </button>
  );
}
