/** How this very process holds its memory. */
import { setFlagsFromString } from 'node:v8';

/**
 * The young generation stays as small as it begins (2 MB): while modules load, Node would grow it to 32 MB, and it never
 * becomes smaller again. To be called first. The flag is read at each growth, in Node 18 to 26.
 */
export const keepYoungGenerationSmall = (): void => setFlagsFromString('--semi-space-growth-factor=1');
