/**
 * Which AI libraries a process has: seen loaded (a file of theirs, or of a native part that only they bring, is mapped)
 * or installed where the process looks for modules. Python and Node do not map source files, so "installed" is often all
 * that can be said honestly from outside.
 */
import path from 'node:path';
import { type ProcessFacts, readText } from './proc.js';
import { executableName, insideProcess, listInside, type Runtime } from './runtime.js';

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

/** Programs that are model servers or coding agents by themselves: [name, matches the command line]. */
const PROGRAMS: readonly (readonly [string, RegExp])[] = [
  ['ollama', /(^|\/)ollama(\s|$)/],
  ['vllm', /(^|\/|-m )vllm(\s|$|\.)/],
  ['llama.cpp', /(^|\/)llama-server(\s|$)/],
  ['litellm', /(^|\/|-m )litellm(\s|$|\.)/],
  ['text-generation-inference', /(^|\/)text-generation-(launcher|server|router)(\s|$)/],
  ['claude-code', /(^|\/)claude(\s|$)|@anthropic-ai\/claude-code\//],
  ['codex', /(^|\/)codex(\s|$)|@openai\/codex\//],
  ['gemini-cli', /@google\/gemini-cli\//],
];

export function findAiLibraries(process: ProcessFacts, runtime: Runtime | undefined): AiLibrary[] {
  const found = new Map<string, AiLibrary['evidence']>();
  const program = programLine(process);
  for (const [name, pattern] of PROGRAMS) if (pattern.test(program)) found.set(name, 'loaded');
  if (runtime?.name === 'python') addPython(process, found);
  if (runtime?.name === 'node' || runtime?.name === 'bun' || runtime?.name === 'deno') addNode(process, found);
  return [...found].map(([name, evidence]) => ({ name, evidence })).sort((a, b) => a.name.localeCompare(b.name));
}

/** The program and its first own argument: what a person would call the command. */
function programLine({ commandLine, executable }: ProcessFacts): string {
  return [executable ?? '', ...commandLine.slice(0, 3)].join(' ');
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
    // jiter is a native module that only the OpenAI and Anthropic clients bring; it proves one that stands alone.
    const withJiter = present.filter(name => name === 'openai' || name === 'anthropic');
    if (withJiter.length === 1 && mapped.some(file => file.startsWith(`${folder}/jiter/`)))
      found.set(withJiter[0]!, 'loaded');
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
  const venvs = prefixes.filter(
    prefix => prefix && readText(insideProcess(process.pid, `${prefix}/pyvenv.cfg`)) !== undefined,
  );
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
