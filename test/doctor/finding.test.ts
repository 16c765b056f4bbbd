import { expect, test } from '@jest/globals';
import { createNotes, type Finding } from '../../src/doctor/finding.js';

test('no finding shows a credential, neither in its fact nor in what is to be typed', () => {
  const findings: Finding[] = [];
  const notes = createNotes('settings', findings);
  notes.ok('endpoint', 'http://ada:pl4inword@127.0.0.1:9, from OTEL_EXPORTER_OTLP_ENDPOINT');
  notes.failed('attributes', '{"team":"core","db.password":"plain"}', 'curl -H "x-api-key: pl4inword" http://host');
  expect(findings.map(({ fact, fix }) => [fact, fix])).toEqual([
    ['http://[REDACTED]@127.0.0.1:9, from OTEL_EXPORTER_OTLP_ENDPOINT', undefined],
    ['{"team":"core","db.password":"[REDACTED]"}', 'curl -H "x-api-key: [REDACTED]" http://host'],
  ]);
});
