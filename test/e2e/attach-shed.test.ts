/** More than is read: exchanges are left out as a whole, what is seen is whole, and the bytes of the rest are counted. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { attach, PROGRAMS, pidOf, start, startServer, whyNot } from '../attach/attached.js';

const reason = whyNot();
if (reason) console.log(`skipped: attach cannot be tested here: ${reason}`);
const real = reason ? test.skip : test;

const BODY = 20_000;
const FLOOD = 200;
const AFTER = 50;

real(
  'a reader that stood still missed whole exchanges, and has the next ones of the same connection whole',
  async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'shed-'));
    const server = await startServer();
    const steps = (name: string, count: number) =>
      Array.from({ length: count }, (_, each) => ['POST', `/${name}${each}?size=${BODY}`, 10] as const);
    const plan = [...steps('flood', FLOOD), ['GET', '/pause?chunks=2&size=20&hold=1', 0], ...steps('after', AFTER)];
    const file = path.join(folder, 'plan.json');
    writeFileSync(file, JSON.stringify(plan));
    const client = start('python3', [path.join(PROGRAMS, 'client.py'), 'http.client', `${server.port}`, file]);
    try {
      const observer = await attach([await pidOf(client)], ['--format', 'exchanges', '--ring-size', '1MiB']);
      observer.process.kill('SIGSTOP');
      client.say('go');
      await server.lines.line(line => line.includes('holding'));
      observer.process.kill('SIGCONT');
      await observer.line(line => line.includes('/flood0?'));
      server.lines.say('go');
      await client.line(line => line === 'done');
      await client.end();
      await observer.exited;

      const seen = observer.seen.map(line => JSON.parse(line));
      const names = seen.map(exchange => exchange.path);
      const [flood, after] = ['/flood', '/after'].map(name => names.filter(each => each.startsWith(name)));
      const sent = plan.map(([, where]) => where);
      expect(flood).toEqual(sent.slice(0, flood!.length));
      expect(after).toEqual(sent.slice(-after!.length));
      expect(names).toEqual([...flood!, ...after!]);
      expect(flood!.length).toBeGreaterThan(10);
      expect(flood!.length).toBeLessThan(60); // half of the ring, which may hold some more than the bodies
      for (const exchange of seen)
        expect(exchange).toMatchObject({ status: 200, request_size: 10, response_size: BODY, partial: [] });
      const [, lost] = /lost (\d+) bytes/.exec(observer.errors.join('\n')) ?? [];
      expect(Number(lost)).toBeGreaterThan((FLOOD + AFTER - seen.length) * BODY);
    } finally {
      await client.kill();
      await server.lines.kill();
      rmSync(folder, { recursive: true });
    }
  },
  60_000,
);
