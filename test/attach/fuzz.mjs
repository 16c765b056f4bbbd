/**
 * attach's own parsers by the million: `node test/attach/fuzz.mjs [cases] [first]`. The cases are those of hostile.test.ts.
 */
import path from 'node:path';
import { fuzz } from '../wire/protocol/fuzz.mjs';

await fuzz(path.join(import.meta.dirname, 'hostile.ts'));
