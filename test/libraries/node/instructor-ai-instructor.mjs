// Instructor: a typed answer.
import Instructor from '@instructor-ai/instructor';
import OpenAI from 'openai';
import { z } from 'zod';

const oai = new OpenAI({ baseURL: `${process.env.PROVIDER_URL}/v1`, apiKey: 'k', maxRetries: 0 });
const client = Instructor.default?.({ client: oai, mode: 'TOOLS' }) ?? Instructor({ client: oai, mode: 'TOOLS' });
const place = await client.chat.completions.create({
  model: 'gpt-4o-mini',
  messages: [{ role: 'user', content: 'Which place?' }],
  response_model: { schema: z.object({ city: z.string(), people: z.number() }), name: 'Place' },
});
console.log(place);
