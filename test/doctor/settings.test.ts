/** Contradictions that no single setting shows. */
import { describe, expect, test } from '@jest/globals';
import { mergeSettings } from '../../src/config/load.js';
import { createNotes, type Finding } from '../../src/doctor/finding.js';
import { checkSettings } from '../../src/doctor/settings.js';
import { Problem } from '../../src/errors.js';

function diagnose(env: Record<string, string>): Finding[] {
  const findings: Finding[] = [];
  checkSettings(mergeSettings([], env, undefined), env, createNotes('settings', findings));
  return findings;
}

const failures = (findings: Finding[]) => findings.filter(({ verdict }) => verdict === 'failed');

test('plain settings are well, with their sources', () => {
  const findings = diagnose({ OTEL_SERVICE_NAME: 'shop', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' });
  expect(failures(findings)).toEqual([]);
  expect(findings).toContainEqual({
    layer: 'settings',
    check: 'serviceName',
    verdict: 'ok',
    fact: 'shop, from OTEL_SERVICE_NAME',
  });
});

describe('planted contradictions', () => {
  const endpoint = 'http://collector:4318';
  test.each<[string, Record<string, string>, string]>([
    ['hooks switched off', { OPENLIT_INSTRUMENT_DISABLED: '1' }, 'switch'],
    ['a file that the SDK ignores', { OTEL_CONFIG_FILE: '/etc/otel.yaml' }, 'config-file'],
    ['spans switched off', { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_EXPORTER: 'none' }, 'traces'],
    ['no call is sampled', { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' }, 'sampling'],
    ['HTTP on the gRPC port', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317' }, 'protocol'],
    [
      'gRPC on the HTTP port',
      { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      'protocol',
    ],
    ['a length without content', { OPENLIT_MAX_CONTENT_LENGTH: '100' }, 'content'],
  ])('%s', (_name, env, check) => {
    const [first, ...more] = failures(diagnose(env));
    expect(first?.check).toBe(check);
    expect(first?.fix).toBeTruthy();
    expect(more).toEqual([]);
  });

  test('a broken file, with its place', () => {
    const findings: Finding[] = [];
    const problem = new Problem({
      code: 'X',
      message: '/a/openlit.yml:3: traces.sampling_rate is 7',
      reason: 'allowed: 0 to 1',
    });
    checkSettings(problem, {}, createNotes('settings', findings));
    expect(findings).toMatchObject([{ check: 'file', verdict: 'failed', fact: expect.stringContaining(':3:') }]);
  });
});

test('credentials are masked', () => {
  const findings = diagnose({ OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer planted', OPENLIT_API_KEY: 'planted' });
  expect(JSON.stringify(findings)).not.toContain('planted');
});
