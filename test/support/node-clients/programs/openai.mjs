import OpenAI from 'openai';
import steps from './openai-steps.cjs';

await steps.run(OpenAI, process.argv.slice(2));
