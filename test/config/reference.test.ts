import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { EXIT_STATUS_TEXT } from '../../src/cli/help.js';
import { withTables } from '../../src/config/reference.js';

const document = readFileSync(path.resolve(import.meta.dirname, '../../docs/configuration.md'), 'utf8');

test('the tables of docs/configuration.md are fresh (npm run build && npm run manifest)', () => {
  expect(document).toBe(withTables(document));
});

test('its exit statuses are those of the help', () => {
  for (const [status, meaning] of EXIT_STATUS_TEXT) {
    expect(document).toContain(`| ${status.replace("program's own", "the program's own")} | ${meaning} |`);
  }
});
