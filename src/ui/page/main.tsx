/** The page's first lines. */
import './styles/base.css';
import './styles/list.css';
import './styles/call.css';
import './styles/pages.css';
import { render } from 'preact';
import { App } from './app.js';
import { trouble, unlock } from './ask.js';
import { listen } from './events.js';
import { listenToKeys } from './keys.js';
import { askEarly } from './list.js';
import { startRouting } from './route.js';

unlock()
  .catch(() => {})
  .then(() => {
    startRouting();
    askEarly();
    if (trouble.value === undefined) listen();
    listenToKeys();
    const place = document.getElementById('page')!;
    place.textContent = '';
    render(<App />, place);
  });
