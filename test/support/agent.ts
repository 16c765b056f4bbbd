/** A real agent with folders of its own, and programs that ask one question each time that they are told to. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Status, StatusWorkload } from '../../src/agent/status.js';
import { type Lines, start } from '../attach/attached.js';
import { cleanEnvironment, LAUNCH, run } from './launcher.js';

/** Asks over one TLS connection that it keeps. The name of the file makes the key of its workload. */
const PYTHON = `
import http.client, json, ssl, sys
c = http.client.HTTPSConnection("127.0.0.1", int(sys.argv[1]), context=ssl._create_unverified_context())
c.connect()
print("up", flush=True)
for line in sys.stdin:
    body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "secret question"}]})
    c.request("POST", "/v1/chat/completions", body, {"host": "api.openai.com", "content-type": "application/json", "authorization": "Bearer sk-planted-4711"})
    c.getresponse().read()
    print("asked", flush=True)
`;

const NODE = `
const https = require('node:https');
const agent = new https.Agent({ keepAlive: true, rejectUnauthorized: false });
const body = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'secret question' }] });
require('node:readline').createInterface({ input: process.stdin }).on('line', () => {
  https.request({ agent, host: '127.0.0.1', port: process.argv[2], method: 'POST', path: '/v1/chat/completions',
    headers: { host: 'api.openai.com', 'content-type': 'application/json', 'content-length': body.length, authorization: 'Bearer sk-planted-4711' } },
    response => response.resume().on('end', () => console.log('asked'))).end(body);
});
console.log('up');
`;

export interface AgentBench {
  readonly folder: string;
  /** The desired-state file of `--desired`. */
  readonly desired: string;
  /** Written at once as a whole, or as an editor does. */
  wish(text: string): void;
  client(runtime: 'python' | 'node', name: string, port: number, env?: NodeJS.ProcessEnv): Promise<Client>;
  agent(...words: readonly string[]): Lines;
  /** `agent --once --json` with these folders. */
  once(...words: readonly string[]): Promise<{ status: number | null; document: Status; stderr: string }>;
  /** What it would call the workload of this process. */
  workloadOf(client: Client): Promise<StatusWorkload>;
  close(): Promise<void>;
}

export interface Client extends Lines {
  readonly pid: number;
  ask(): Promise<void>;
}

/** @param more of the agent's environment */
export function agentBench(more: NodeJS.ProcessEnv = {}): AgentBench {
  const folder = mkdtempSync(path.join(tmpdir(), 'agent-'));
  const desired = path.join(folder, 'fleet.yml');
  const running: Lines[] = [];
  const places = ['--state-dir', path.join(folder, 'state'), '--run-dir', path.join(folder, 'run')];
  const env = cleanEnvironment({ OPENLIT_NO_KEEP: '1', ...more });
  const words = (own: readonly string[]) => [...LAUNCH.slice(1), 'agent', ...places, ...own];
  const bench: AgentBench = {
    folder,
    desired,
    wish: text => writeFileSync(desired, text),
    async client(runtime, name, port, own = {}) {
      const script = path.join(folder, `${name}.${runtime === 'python' ? 'py' : 'cjs'}`);
      writeFileSync(script, runtime === 'python' ? PYTHON : NODE);
      const program = runtime === 'python' ? 'python3' : process.execPath;
      const lines = start(program, [script, `${port}`], {
        env: cleanEnvironment({ OPENAI_API_KEY: 'sk-planted-0123456789', ...own }),
      });
      running.push(lines);
      await lines.line(line => line === 'up');
      let asked = 0;
      return Object.assign(lines, {
        pid: lines.process.pid!,
        async ask() {
          asked++;
          lines.say('ask');
          await lines.line(() => lines.seen.filter(line => line === 'asked').length >= asked);
        },
      });
    },
    agent(...own) {
      const lines = start(LAUNCH[0]!, words(['--interval', '1', ...own]), { env });
      running.push(lines);
      return lines;
    },
    async once(...own) {
      const { status, stdout, stderr } = await run([LAUNCH[0]!, ...words(['--once', '--json', ...own])], { env });
      return { status, document: JSON.parse(stdout) as Status, stderr };
    },
    async workloadOf({ pid }) {
      const { document } = await bench.once();
      const found = document.workloads.find(({ pids }) => pids.includes(pid));
      if (!found) throw new Error(`not found: ${JSON.stringify(document.workloads)}`);
      return found;
    },
    async close() {
      for (const lines of running) await lines.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return bench;
}
