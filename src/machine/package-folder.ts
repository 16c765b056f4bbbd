/** Where this package lies. The launcher's bundles keep this file's depth below it (scripts/bundle-launcher.mjs). */
import { fileURLToPath } from 'node:url';

/** Absolute, without a slash at its end: `package.json` is in it, and `dist/`. */
export const PACKAGE_FOLDER = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
