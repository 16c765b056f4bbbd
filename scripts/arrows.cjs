/**
 * Folders of `src/`, what they hold, and whom they may import: the shape of the project as data. `.dependency-cruiser.cjs`
 * makes the rules of it and `scripts/folders.mjs` the table in AGENTS.md. A new arrow is a decision: it is made here.
 * Over 300 lines because it is a table.
 *
 * A row holds for every file below its folder that no longer row covers; files of one row may import each other. In
 * `imports`, `wire` means everything below that folder, `wire/*` only the files that lie directly in it, and
 * `config/variables.ts` that one file. `types` are arrows that only `import type` may use.
 */
const ARROWS = [
  {
    folder: 'errors.ts',
    holds: '`Problem`, the one error: what happened, why, what to type',
    imports: [],
  },
  {
    folder: 'launcher.ts',
    holds: 'the first file that runs, bundled; splits the words, takes the shortest way',
    imports: ['cli/argv.ts', 'cli/say.ts', 'machine/own-memory.ts', 'machine/package-folder.ts', 'runs/launch.ts'],
  },
  {
    folder: 'commands',
    holds: 'one file a command: parse, one run, report',
    // design: only `runs/` composes. `attach`, `decode`, `doctor` and `ps` still compose by themselves, hence the parts.
    imports: [
      'agent/status.ts',
      'attach',
      'calls',
      'cli',
      'config',
      'decode',
      'discovery',
      'doctor',
      'errors.ts',
      'machine/*',
      'report',
      'runs',
      'setup',
      'targets/target.ts',
      'telemetry',
      'wire/providers/recognize',
    ],
  },
  {
    folder: 'cli',
    holds: 'words, help, completion, setting flags, notes on stderr, error screens',
    // The picker of `attach` asks a person: it shows what `ps` finds.
    // `calls/redact.ts`: no line of ours holds a credential.
    imports: ['calls/redact.ts', 'config', 'discovery', 'errors.ts', 'report', 'wire/providers/recognize'],
  },
  {
    folder: 'runs',
    holds: 'launch, attach, observer, local view: the only composers',
    imports: [
      'attach',
      'calls',
      'cli',
      'config',
      'decode',
      'discovery',
      'errors.ts',
      'injectors',
      'kubernetes',
      'machine',
      'plan',
      'receive',
      'report',
      'runs/agent',
      'runs/attach',
      'runs/launched',
      'runs/local-view',
      'runs/observer',
      'runs/operator',
      'setup',
      'store',
      'targets',
      'telemetry',
      'ui/*',
      'ui/server',
      'wire',
    ],
    types: ['agent/status.ts'],
  },
  {
    folder: 'runs/attach',
    holds: '`attach`: sessions, their calls, newcomers, lines',
    imports: [
      'attach',
      'calls',
      'config',
      'discovery',
      'errors.ts',
      'machine/*',
      'report',
      'runs/call-consumers.ts',
      'runs/kept-run.ts',
      'runs/prometheus-page.ts',
      'store',
      'telemetry',
      'wire',
    ],
  },
  {
    folder: 'runs/launched',
    holds: 'a launch observed from outside: beside the program, or around our child',
    imports: [
      'attach',
      'calls',
      'config',
      'discovery',
      'errors.ts',
      'machine',
      'plan',
      'runs/*',
      'runs/attach',
      'runs/observer',
      'telemetry',
    ],
    types: ['runs/local-view'],
  },
  {
    folder: 'runs/agent',
    holds: '`agent`: its loop, its state on disk, its probes, the dashboard, its page',
    imports: [
      'agent',
      'attach',
      'calls',
      'config',
      'discovery',
      'errors.ts',
      'machine/*',
      'plan',
      'report',
      'runs/attach',
      'runs/inject.ts',
      'runs/keep-calls.ts',
      'runs/observer',
      'runs/prometheus-page.ts',
      'targets',
      'telemetry',
      'wire',
      'wire/providers/recognize',
    ],
  },
  {
    folder: 'runs/local-view',
    holds: 'lines, summary and kept calls of a launch without an endpoint',
    imports: [
      'calls',
      'config',
      'errors.ts',
      'machine',
      'report',
      'runs/*',
      'runs/observer',
      'store',
      'telemetry',
      'wire',
    ],
  },
  {
    folder: 'runs/observer',
    holds: 'the process behind the taps of a launch: socket, targets, settings, its end',
    imports: ['calls', 'config', 'errors.ts', 'machine', 'receive', 'telemetry', 'wire'],
  },
  {
    folder: 'runs/operator',
    holds: '`operator`: webhook, certificates, what the decision is told, statuses',
    imports: ['calls/redact.ts', 'config', 'errors.ts', 'kubernetes', 'operator'],
  },
  {
    folder: 'plan',
    holds: 'pure: how to observe this program or this process, and why',
    // `errors`: a plan that cannot be made says what to type.
    imports: ['attach/sources', 'config', 'errors.ts', 'injectors', 'machine'],
  },
  {
    folder: 'injectors',
    holds: 'per runtime a pure function: old environment -> new environment, or "not mine, because …"',
    imports: ['config', 'errors.ts', 'machine'],
  },
  {
    folder: 'operator',
    holds: 'pure: what a pod of Kubernetes gets at its admission, or why it gets nothing',
    // Names of variables that hold keys of providers.
    imports: ['config', 'discovery/credentials.ts', 'errors.ts', 'injectors', 'machine/*', 'plan'],
  },
  {
    folder: 'kubernetes',
    holds: 'requests to an API server, and copies of what it has',
    imports: ['errors.ts'],
  },
  {
    folder: 'bootstrap/node',
    holds: 'the Node tap: `hook.cjs` (first file, ES5, nothing of ours) and what it loads, bundled',
    imports: ['calls', 'config/variables.ts', 'telemetry', 'wire'],
  },
  {
    folder: 'bootstrap/python',
    holds: 'the Python tap: runs inside Python programs; nothing of ours to import',
    imports: [],
  },
  {
    folder: 'machine',
    holds: 'the only reader of /proc, cgroups and ELF: processes, maps, sockets, runtimes, capabilities',
    imports: ['errors.ts'],
  },
  {
    folder: 'machine/exec',
    holds: 'becoming or starting a program: PATH, shebang, exec, spawn',
    imports: ['errors.ts', 'machine/*'],
  },
  {
    folder: 'attach',
    holds: 'one observed process from outside: session, observation, what was counted',
    imports: ['attach/kernel', 'attach/sources', 'errors.ts', 'machine/*', 'wire/*', 'wire/transport'],
  },
  {
    folder: 'attach/kernel',
    holds: 'libbpf, probes, the ring, clocks: records out of the kernel',
    imports: ['attach/sources', 'errors.ts', 'machine/*', 'wire/*', 'wire/transport'],
  },
  {
    folder: 'attach/sources',
    holds: 'where plaintext passes in a file: TLS libraries, placement, entry conventions',
    imports: ['errors.ts', 'machine/*'],
  },
  {
    folder: 'wire',
    holds: 'the words of the wire: exchange, call, exclusions; sans-I/O',
    imports: ['errors.ts', 'wire/protocol/*', 'wire/providers/json'],
  },
  {
    folder: 'wire/transport',
    holds: 'bytes -> connections: records, recordings, frames of the taps',
    imports: ['errors.ts', 'wire/*', 'wire/protocol'],
  },
  {
    folder: 'wire/protocol',
    holds: 'connections -> exchanges: HTTP, WebSocket, content encodings',
    imports: ['errors.ts', 'wire/*', 'wire/protocol/http1', 'wire/protocol/http2', 'wire/protocol/streams'],
  },
  {
    folder: 'wire/protocol/http1',
    holds: 'HTTP/1.1',
    imports: ['errors.ts', 'wire/*', 'wire/protocol/*'],
  },
  {
    folder: 'wire/protocol/http2',
    holds: 'HTTP/2',
    // A frame header is told from a start line.
    imports: ['errors.ts', 'wire/*', 'wire/protocol/*', 'wire/protocol/http1/start-line.ts'],
  },
  {
    folder: 'wire/protocol/streams',
    holds: 'event formats of bodies: SSE, NDJSON, AWS event stream, WebSocket',
    imports: ['errors.ts', 'wire/*', 'wire/protocol/*'],
  },
  {
    folder: 'wire/providers',
    holds: 'exchanges -> calls: one folder a format',
    imports: ['errors.ts', 'wire/*', 'wire/protocol', 'wire/providers/json'],
  },
  {
    folder: 'wire/providers/json',
    holds: 'reading JSON that comes in pieces, only the fields that are wanted',
    imports: ['errors.ts', 'wire/protocol/*'],
  },
  {
    folder: 'calls',
    holds: '`RecordedCall` and its stages: content policy, redaction, cost, sampling',
    // `config`: types of settings and names of variables; the settings themselves are handed in.
    imports: ['calls/merge', 'config', 'errors.ts', 'wire/*', 'wire/providers/*'],
  },
  {
    folder: 'calls/merge',
    holds: 'one call where a span of an SDK stands for an exchange; steps without figures',
    imports: ['calls/*', 'wire/*'],
  },
  {
    folder: 'telemetry',
    holds: 'a recorded call -> spans, metrics, events; Prometheus',
    // The downward API's names are facts of a machine.
    imports: ['calls', 'config', 'errors.ts', 'machine/downward-api.ts', 'telemetry/otlp', 'wire/*'],
  },
  {
    folder: 'telemetry/otlp',
    holds: 'how it is sent: encoding, transports, proxies, retries',
    imports: ['calls', 'config', 'errors.ts', 'telemetry/*', 'wire/*'],
  },
  {
    folder: 'receive',
    holds: 'OTLP in',
    imports: ['errors.ts'],
  },
  {
    folder: 'store',
    holds: 'calls kept, and queried',
    imports: ['calls', 'config', 'errors.ts'],
    // The kept line is what a person was told; it becomes the recorded call with the observer.
    types: ['receive', 'report/reported-call.ts', 'wire/*'],
  },
  {
    folder: 'ui',
    holds: 'what the page and its server say to each other',
    imports: [],
    types: ['store'],
  },
  {
    folder: 'ui/server',
    holds: '`ui`: loopback HTTP, who may ask, answers about kept calls',
    imports: ['calls', 'errors.ts', 'store', 'ui/*'],
  },
  {
    folder: 'ui/page',
    holds: 'the page in the browser: Preact, bundled',
    // Numbers read the same in the terminal and on the page.
    imports: ['report/numbers.ts', 'ui/*'],
  },
  {
    folder: 'report',
    holds: 'what a person sees in a terminal; the only importer of chalk and ora',
    // `doctor/finding.ts` is the list of doctor's layers, in their order; `plan/answer.ts` the words of a plan.
    imports: ['calls', 'doctor/finding.ts', 'errors.ts', 'machine/descriptors.ts', 'plan/answer.ts', 'store'],
    types: ['agent/status.ts', 'discovery', 'targets/target.ts', 'wire/*'],
  },
  {
    folder: 'discovery',
    holds: '`ps`: processes, runtimes, AI libraries, providers, from `/proc` alone',
    // `attach/sources`: which TLS code there is; `attach/kernel/problems.ts`: what this machine and our rights allow.
    // `calls/redact-value.ts`: command lines hold keys.
    imports: [
      'attach/kernel/problems.ts',
      'attach/sources',
      'calls/redact.ts',
      'calls/redact-value.ts',
      'config',
      'errors.ts',
      'machine/*',
      'plan',
      'wire/*',
      'wire/providers/recognize',
    ],
  },
  {
    folder: 'decode',
    holds: '`decode`: reads exchanges, recordings, kept runs, HAR',
    imports: ['calls', 'errors.ts', 'telemetry/*', 'wire'],
  },
  {
    folder: 'doctor',
    holds: 'one file a layer: fact and fix',
    imports: [
      'attach',
      'calls',
      'config',
      'discovery',
      'errors.ts',
      'injectors',
      'machine',
      'plan',
      'setup',
      'telemetry',
      'wire/*',
      'wire/providers/*',
      'wire/transport',
    ],
    types: ['agent/status.ts'],
  },
  {
    folder: 'targets',
    holds: 'systemd units, containers, Kubernetes workloads: what is, the exact diff, one deed',
    imports: ['config', 'errors.ts', 'injectors', 'kubernetes', 'machine', 'plan'],
    types: ['agent/*'],
  },
  {
    folder: 'agent',
    holds: '`agent`: pure: what is, what is asked for, what was done -> what to do now, and why not more',
    imports: ['config/mask.ts', 'config/nearest.ts', 'errors.ts'],
  },
  {
    folder: 'setup',
    holds: 'the managed copy of the Python SDK',
    imports: ['config', 'errors.ts', 'machine/exec'],
  },
  {
    folder: 'config',
    holds: 'settings: schema (zod), load (cosmiconfig, environment, flags), every environment name once',
    imports: ['errors.ts'],
  },
];

/** Packages that only one place may import: heavy at start, or with a native part. */
const OWNED_PACKAGES = {
  chalk: ['report'],
  ora: ['report'],
  'ffi-rs': ['attach/kernel', 'machine/exec'],
  execa: ['machine/exec'],
  cosmiconfig: ['config'],
};

/** Node's own modules that only these places may import. */
const OWNED_NODE_MODULES = {
  // Processes are started by `machine/exec`. Three places still do it by themselves: an interpreter that is asked for its
  // facts (`doctor`), an installer (`setup`), and the runner behind the local view.
  // A tap starts the observer from inside the program.
  child_process: [
    'bootstrap/node/start-observer.ts',
    'machine/exec',
    'doctor/trial.ts',
    'runs/local-view',
    'setup/python.ts',
  ],
  worker_threads: ['bootstrap/node'],
};

/** What a folder may use of Node at all: a provider knows bytes, never where they come from. */
const ALLOWED_NODE_MODULES = {
  wire: ['crypto', 'zlib'],
};

module.exports = { ARROWS, OWNED_PACKAGES, OWNED_NODE_MODULES, ALLOWED_NODE_MODULES };
