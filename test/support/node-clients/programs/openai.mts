import OpenAI from 'openai';
import steps from './openai-steps.cjs';

const names: string[] = process.argv.slice(2);
await steps.run(OpenAI, names);
