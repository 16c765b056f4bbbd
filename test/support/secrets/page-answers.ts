/** What the page's server answers about kept calls and about this machine's processes: all of it, as text. */
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ROOT } from '../launcher.js';

const { serveUi } = await import(path.join(ROOT, 'dist/ui/server/server.js'));
const { openReader } = await import(path.join(ROOT, 'dist/store/reader.js'));
const { processServices } = await import(path.join(ROOT, 'dist/runs/ui-processes.js'));

/** Milliseconds for kept runs to be read. */
const LONGEST_READ = 20_000;

/** @param env where the runs are kept */
export async function pageAnswers(env: NodeJS.ProcessEnv): Promise<Readonly<Record<string, string>>> {
  const services = processServices(false);
  const reader = openReader({ env });
  const ui = await serveUi({ port: 0, page: path.join(ROOT, 'dist/ui/page'), version: '0.0.0', services, reader });
  const { origin, hash } = new URL(ui.url);
  try {
    const reply = await fetch(`${origin}/api/session-token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: hash.replace('#token=', '') }),
    });
    const cookie = reply.headers.get('set-cookie')!.split(';')[0]!;
    const answers: Record<string, string> = {};
    const ask = async (target: string): Promise<string> => {
      const answer = await fetch(`${origin}${target}`, { headers: { cookie } });
      answers[target] = await answer.text();
      return answers[target];
    };
    // The runs are read while the page is served already.
    let rows: { id: string }[] = [];
    for (let known = -1, end = Date.now() + LONGEST_READ; rows.length === 0 || rows.length > known; await wait(200)) {
      known = rows.length;
      ({ rows } = JSON.parse(await ask('/api/calls?limit=100')) as { rows: { id: string }[] });
      if (Date.now() > end) throw new Error('the page shows no kept call');
    }
    for (const { id } of rows) {
      for (const route of ['call', 'trace', 'diff']) await ask(`/api/${route}?id=${encodeURIComponent(id)}`);
    }
    for (const route of ['state', 'next-error', 'runs', 'sessions', 'groups?by=model', 'processes'])
      await ask(`/api/${route}`);
    return answers;
  } finally {
    await ui.close();
    await services.close();
  }
}
