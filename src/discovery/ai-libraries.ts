/**
 * Which AI libraries a process has: seen loaded (a file of theirs, or of a native part that only they bring, is mapped)
 * or installed where the process looks for modules. Python and Node do not map source files, so "installed" is often all
 * that can be said honestly from outside.
 */
import path from 'node:path';
import { executableName, type ProcessFacts } from '../machine/facts.js';
import { listInside, readInside } from '../machine/files-inside.js';
import type { Runtime } from '../machine/runtime.js';

export interface AiLibrary {
  readonly name: string;
  readonly evidence: 'loaded' | 'installed';
}

/** Top-level folders of packages that call a model. */
const PYTHON_PACKAGES = [
  'agno', 'ai21', 'anthropic', 'autogen', 'cerebras', 'cohere', 'crewai', 'dashscope', 'fireworks', 'groq', 'haystack',
  'huggingface_hub', 'instructor', 'langchain', 'langchain_anthropic', 'langchain_core', 'langchain_openai', 'langgraph',
  'litellm', 'llama_cpp', 'llama_index', 'mistralai', 'ollama', 'openai', 'agents', 'pydantic_ai', 'replicate',
  'smolagents', 'together', 'vllm', 'voyageai', 'zhipuai',
]; // biome-ignore format: a dense list reads better

const NODE_PACKAGES = [
  'openai', '@anthropic-ai/sdk', 'ai', '@ai-sdk/openai', '@ai-sdk/anthropic', '@langchain/core', '@langchain/openai',
  '@langchain/anthropic', '@google/genai', '@google/generative-ai', '@mistralai/mistralai', 'cohere-ai', 'groq-sdk',
  'ollama', 'together-ai', 'llamaindex', '@aws-sdk/client-bedrock-runtime', '@huggingface/inference', 'replicate',
]; // biome-ignore format: a dense list reads better

/** Programs that are model servers or coding agents by themselves: [name, matches one of the program's names]. */
const PROGRAMS: readonly (readonly [string, RegExp])[] = [
  ['ollama', /(^|\/)ollama$/],
  ['vllm', /(^|\/)vllm($|\.)/],
  ['llama.cpp', /(^|\/)llama-server$/],
  ['litellm', /(^|\/)litellm($|\.)/],
  ['text-generation-inference', /(^|\/)text-generation-(launcher|server|router)$/],
  ['claude-code', /(^|\/)claude$|@anthropic-ai\/claude-code\//],
  ['codex', /(^|\/)codex$|@openai\/codex\//],
  ['gemini-cli', /(^|\/)gemini$|@google\/gemini-cli\//],
];

export function findAiLibraries(process: ProcessFacts, runtime: Runtime | undefined): AiLibrary[] {
  const found = new Map<string, AiLibrary['evidence']>();
  const names = programNames(process, runtime);
  for (const [name, pattern] of PROGRAMS) if (names.some(each => pattern.test(each))) found.set(name, 'loaded');
  if (runtime?.name === 'python') addPython(process, found);
  if (runtime?.name === 'node' || runtime?.name === 'bun' || runtime?.name === 'deno') addNode(process, found);
  return [...found].map(([name, evidence]) => ({ name, evidence })).sort((a, b) => a.name.localeCompare(b.name));
}

/**
 * What a person would call the program: the executable, the first word (programs may rewrite it), and of an interpreter
 * the script or module. An argument is no name: `tail -f /var/log/ollama` serves no model.
 */
function programNames({ commandLine, executable }: ProcessFacts, runtime: Runtime | undefined): string[] {
  const [first = '', ...rest] = commandLine;
  const title = first.trimEnd();
  const names = [executable ?? '', title];
  if (runtime === undefined) return names;
  const script = rest.findIndex(word => !word.startsWith('-'));
  return script < 0 ? names : [...names, rest[script]!];
}

function addPython(process: ProcessFacts, found: Map<string, AiLibrary['evidence']>): void {
  const mapped = process.mappedFiles ?? [];
  for (const folder of pythonFolders(process)) {
    const installed = new Set(listInside(process.pid, folder));
    const present = PYTHON_PACKAGES.filter(name => installed.has(name));
    for (const name of present) {
      const loaded = mapped.some(file => file.startsWith(`${folder}/${name}/`));
      if (loaded || !found.has(name)) found.set(name, loaded ? 'loaded' : 'installed');
    }
    // jiter is a native module that the OpenAI and Anthropic clients bring: it proves the one that stands alone, and one
    // of the two where both are installed.
    if (!mapped.some(file => file.startsWith(`${folder}/jiter/`))) continue;
    const withJiter = present.filter(name => name === 'openai' || name === 'anthropic');
    found.set(withJiter.length === 1 ? withJiter[0]! : 'jiter', 'loaded');
  }
}

/** Folders that the interpreter looks through: those with mapped modules, the venv's, the interpreter's own. */
function pythonFolders(process: ProcessFacts): Set<string> {
  const folders = new Set<string>();
  for (const file of process.mappedFiles ?? []) {
    const match = /^(.*\/(?:site|dist)-packages)\//.exec(file);
    if (match) folders.add(match[1]!);
  }
  const typed = process.commandLine[0] ?? '';
  const prefixes = [
    process.environment?.get('VIRTUAL_ENV'),
    path.isAbsolute(typed) ? path.resolve(typed, '../..') : undefined,
    process.workingDirectory && typed.includes('/')
      ? path.resolve(process.workingDirectory, typed, '../..')
      : undefined,
  ];
  const venvs = prefixes.filter(prefix => prefix && readInside(process.pid, `${prefix}/pyvenv.cfg`) !== undefined);
  const own = process.executable && path.resolve(process.executable, '../..');
  for (const prefix of venvs.length > 0 ? venvs : [own]) {
    if (!prefix) continue;
    for (const version of listInside(process.pid, `${prefix}/lib`).filter(name => name.startsWith('python'))) {
      folders.add(`${prefix}/lib/${version}/site-packages`);
    }
  }
  return folders;
}

function addNode(process: ProcessFacts, found: Map<string, AiLibrary['evidence']>): void {
  for (const folder of nodeFolders(process)) {
    const installed = listInside(process.pid, folder);
    if (installed.length === 0) continue;
    for (const name of NODE_PACKAGES) {
      const [scope, inner] = name.split('/');
      const present =
        installed.includes(scope!) && (!inner || listInside(process.pid, `${folder}/${scope}`).includes(inner));
      if (present && !found.has(name)) found.set(name, 'installed');
    }
  }
}

/** `node_modules` folders from the script's place upwards, as Node resolves them. */
function nodeFolders(process: ProcessFacts): string[] {
  const script = process.commandLine.slice(1).find(word => !word.startsWith('-'));
  const base = process.workingDirectory;
  if (!base) return [];
  const folders: string[] = [];
  let folder = script && executableName(process) !== script ? path.dirname(path.resolve(base, script)) : base;
  for (;;) {
    folders.push(path.join(folder, 'node_modules'));
    const parent = path.dirname(folder);
    if (parent === folder) return folders;
    folder = parent;
  }
}
