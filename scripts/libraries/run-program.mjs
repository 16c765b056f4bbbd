// One program against a provider of its own: bare, or observed by the built launcher.
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { startProvider } from '../../test/libraries/provider/server.mjs';
import { startReceiver } from './receiver.mjs';
import { programOf, ROOT } from './table.mjs';

/** The project, or an installed copy of the package. */
const LAUNCHER = path.join(process.env.LAUNCHER_ROOT ?? ROOT, 'bin/run.js');
const HOME = path.join(ROOT, '.cache/libraries/home');
/** The copies of the SDK that the tests use. */
const SDK_CACHE = path.join(ROOT, '.cache/python/sdk');
const LIMIT = 180_000;

/** Nothing of ours or of the developer's; libraries must not call home. */
function environmentOf(url) {
  mkdirSync(HOME, { recursive: true });
  const quiet = {
    DO_NOT_TRACK: '1',
    ANONYMIZED_TELEMETRY: 'False',
    AGNO_TELEMETRY: 'false',
    CREWAI_DISABLE_TELEMETRY: 'true',
    CREWAI_DISABLE_TRACKING: 'true',
    CREWAI_TRACING_ENABLED: 'false',
    HAYSTACK_TELEMETRY_ENABLED: 'False',
    LITELLM_LOCAL_MODEL_COST_MAP: 'True',
    MASTRA_TELEMETRY_DISABLED: '1',
    MEM0_TELEMETRY: 'False',
    OPENAI_AGENTS_DISABLE_TRACING: '1',
  };
  const { PATH, LANG = 'C.UTF-8' } = process.env;
  return {
    PATH,
    LANG,
    HOME,
    NO_COLOR: '1',
    NO_PROXY: '*',
    OPENAI_API_KEY: 'local',
    OPENLIT_INSTRUMENT_CACHE_DIR: SDK_CACHE,
    PROVIDER_URL: url,
    ...quiet,
  };
}

/** Node finds packages from where the importing file lies, so its programs are run as copies beside their packages. */
function placed(row, { folder }) {
  const file = programOf(row);
  if (row.language === 'python') return file;
  const copy = path.join(folder, path.basename(file));
  copyFileSync(file, copy);
  return copy;
}

function start(argv, env, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0], argv.slice(1), { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) child[name].on('data', data => (said[name] += data));
    const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT);
    child.on('error', reject);
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      resolve({ ...said, status: status ?? signal });
    });
  });
}

/**
 * @param row of the table
 * @param {{interpreter: string, folder: string}} packages
 * @param {boolean} observed
 * @returns what it said and how it ended (its provider's address left out), what the provider answered, and the spans
 */
export async function runProgram(row, packages, observed) {
  const provider = await startProvider();
  const receiver = observed ? await startReceiver() : undefined;
  const words = [packages.interpreter, placed(row, packages)];
  const launch = [process.execPath, LAUNCHER, '--quiet', '--protocol', 'http/json', '--endpoint', receiver?.url, '--'];
  const env = environmentOf(provider.url);
  const begin = Date.now();
  try {
    const result = await start(observed ? [...launch, ...words] : words, env, packages.folder);
    const seconds = (Date.now() - begin) / 1000;
    await receiver?.quiet(() => receiver.spans.filter(isCall).length >= provider.calls.length - (row.reported ?? 0));
    const plain = text => text.replaceAll(`:${provider.port}`, ':PORT');
    return {
      stdout: plain(result.stdout),
      stderr: plain(result.stderr),
      status: result.status,
      seconds,
      calls: provider.calls,
      unknown: provider.unknown,
      spans: receiver?.spans ?? [],
    };
  } finally {
    await receiver?.close();
    await provider.close();
  }
}

const CALLS = new Set(['chat', 'generate_content', 'text_completion', 'embeddings', 'rerank', 'realtime']);
const CLIENT = 3;

/** Whether a span stands for an exchange with a model or an MCP server, and not for a step around one. */
export function isCall({ kind, attributes }) {
  if (kind !== CLIENT && kind !== 'SPAN_KIND_CLIENT') return false;
  return CALLS.has(attributes['gen_ai.operation.name']) || attributes['mcp.method.name'] !== undefined;
}
