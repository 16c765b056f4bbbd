/** An empty list says why it is empty, and what to do. */
import { Command } from '../bits.js';
import { latest } from '../list.js';
import { go, route } from '../route.js';

export function NoCalls() {
  const { sort, order, ...filters } = route.value.query;
  const filtered = Object.keys(filters).length > 0;
  if (latest.value.reading) return <p class="empty">Reading kept calls …</p>;
  if (filtered)
    return (
      <div class="empty">
        <h2>No call matches</h2>
        <button type="button" onClick={() => go({ query: {} })}>
          Show all calls
        </button>
      </div>
    );
  return (
    <div class="empty">
      <h2>No calls yet</h2>
      <p>Run a program behind openlit-instrument; its LLM calls appear here while it runs.</p>
      <Command text="openlit-instrument python app.py" />
      <p>With prompts and answers:</p>
      <Command text="openlit-instrument --capture-content python app.py" />
      <p>
        A program that runs already: see <a href="#/processes">Processes</a>, or type
      </p>
      <Command text="sudo openlit-instrument attach --all" />
    </div>
  );
}
