/** More than is read: exchanges are left out as a whole, what is seen is whole, and the bytes of the rest are counted. */
import { expect } from '@jest/globals';
import { attachBench, exchangesOf, real, type Step } from '../support/attach-bench.js';

const bench = attachBench();

const BODY = 20_000;
const FLOOD = 200;
/** Too small, all together, to fill half of the ring again, however late they are read. */
const AFTER = 50;

real(
  'a reader that stood still missed whole exchanges, and has the next ones of the same connection whole',
  async () => {
    const steps = (name: string, count: number, size: number): Step[] =>
      Array.from({ length: count }, (_, each) => ['POST', `/${name}${each}?size=${size}`, 10]);
    const plan: Step[] = [
      ...steps('flood', FLOOD, BODY),
      ['GET', '/pause?chunks=2&size=20&hold=1', 0],
      ...steps('after', AFTER, 20),
    ];
    const server = await bench.startServer();
    const client = bench.client(plan, { server });
    const observer = await bench.observe([client], ['--format', 'exchanges', '--ring-size', '1MiB']);
    observer.process.kill('SIGSTOP');
    client.say('go');
    await server.lines.line(line => line.includes('holding'));
    observer.process.kill('SIGCONT');
    await observer.line(line => line.includes('/flood0?'));
    server.lines.say('go');
    await client.line(line => line === 'done');
    await client.end();
    await observer.exited;

    const seen = exchangesOf(observer);
    const names = seen.map(exchange => exchange.path);
    const [flood, after] = ['/flood', '/after'].map(name => names.filter(each => each.startsWith(name)));
    const sent = plan.map(([, where]) => where);
    expect(flood).toEqual(sent.slice(0, flood!.length));
    expect(after).toEqual(sent.slice(-after!.length));
    expect(names).toEqual([...flood!, ...after!]);
    expect(flood!.length).toBeGreaterThan(10);
    expect(flood!.length).toBeLessThan(60); // half of the ring, which may hold some more than the bodies
    for (const { path: where, ...exchange } of seen)
      expect(exchange).toMatchObject({
        ...{ status: 200, request_size: 10, partial: [] },
        response_size: where.startsWith('/flood') ? BODY : 20,
      });
    const [, lost] = /lost (\d+) bytes/.exec(observer.errors.join('\n')) ?? [];
    expect(Number(lost)).toBeGreaterThan((FLOOD - flood!.length) * BODY);
  },
);
