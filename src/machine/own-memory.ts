/** How this very process holds its memory. */

/**
 * The young generation stays as small as it begins (2 MB): while modules load, Node would grow it to 32 MB, and it never
 * becomes smaller again. To be called first. The flag is read at each growth, in Node 18 to 26. `node:v8` loads streams, which
 * no launch needs, so it is not imported.
 */
export function keepYoungGenerationSmall(): void {
  process.getBuiltinModule('node:v8').setFlagsFromString('--semi-space-growth-factor=1');
}
