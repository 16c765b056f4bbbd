// docs/coverage.md from the table and the results.
import { lockedVersion } from './environments.mjs';

export function page() {
  return '';
}
