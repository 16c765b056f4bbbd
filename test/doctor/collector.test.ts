/** Each planted fault of a collector is named, and the line to type mends that fault and no other. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import net from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { checkCollector } from '../../src/doctor/collector.js';
import { createNotes, type Finding } from '../../src/doctor/finding.js';
import { otlpSettingsFromEnvironment } from '../../src/telemetry/otlp/settings.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { CA_FILE, type Provider, startProvider } from '../support/provider.js';

let receiver: OtlpReceiver;
let tlsServer: Provider;
const servers: http.Server[] = [];

async function serve(listener: http.RequestListener): Promise<string> {
  const server = http.createServer(listener);
  servers.push(server);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A port that was free a moment ago, and that nobody serves now. */
async function deadPort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}

async function diagnose(env: Record<string, string>): Promise<Finding[]> {
  const findings: Finding[] = [];
  await checkCollector(otlpSettingsFromEnvironment(env), createNotes('collector', findings));
  return findings;
}

const firstFailure = (findings: Finding[]) => findings.find(({ verdict }) => verdict === 'failed');

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  tlsServer = await startProvider({ tls: true });
});

afterAll(async () => {
  await receiver.close();
  await tlsServer.close();
  for (const server of servers) server.close();
});

describe('a collector that works', () => {
  test.each(['http/protobuf', 'http/json', 'grpc'])('%s', async protocol => {
    const findings = await diagnose({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    });
    expect(findings.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
    expect(findings.map(({ check }) => check)).toEqual(['resolve', 'connect', 'traces', 'metrics', 'logs']);
  });

  test('behind a proxy, which alone knows its name', async () => {
    const asked: (string | undefined)[] = [];
    const proxy = await serve((request, response) => {
      asked.push(request.url);
      request.resume().on('end', () => response.end());
    });
    const endpoint = 'http://collector.test:4318';
    const findings = await diagnose({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, HTTP_PROXY: proxy });
    expect(findings.map(({ check, verdict }) => [check, verdict])).toEqual(
      ['connect', 'traces', 'metrics', 'logs'].map(check => [check, 'ok']),
    );
    expect(asked).toEqual(['traces', 'metrics', 'logs'].map(signal => `${endpoint}/v1/${signal}`));
    const dead = `http://user:hunter22@127.0.0.1:${await deadPort()}`;
    const failed = await diagnose({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, HTTP_PROXY: dead });
    expect(firstFailure(failed)).toMatchObject({
      check: 'connect',
      fix: expect.stringContaining('NO_PROXY=collector.test'),
    });
    expect(JSON.stringify(failed)).not.toContain('hunter22');
  });

  test('none at all is the local view, and fine', async () => {
    expect(await diagnose({})).toEqual([
      {
        layer: 'collector',
        check: 'endpoint',
        verdict: 'ok',
        fact: 'none is set: the local view receives the calls',
      },
    ]);
  });
});

describe('planted faults', () => {
  test('nothing listens', async () => {
    const port = await deadPort();
    const failure = firstFailure(await diagnose({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` }));
    expect(failure).toMatchObject({ check: 'connect', fact: `127.0.0.1:${port}: nothing listens there` });
    expect(failure?.fix).toMatch(/--endpoint/);
  });

  test('a host that does not exist', async () => {
    const failure = firstFailure(await diagnose({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://no-such-host.invalid:4318' }));
    expect(failure?.check).toBe('resolve');
  });

  test('HTTP to a port that speaks gRPC only', async () => {
    const { createServer } = await import('node:http2');
    const grpc = createServer();
    grpc.on('stream', stream => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.alloc(5));
    });
    await new Promise<void>(resolve => grpc.listen(0, '127.0.0.1', resolve));
    const { port } = grpc.address() as AddressInfo;
    const failure = firstFailure(await diagnose({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` }));
    grpc.close();
    expect(failure).toMatchObject({ check: 'traces', fix: '--protocol grpc' });
  });

  test('gRPC to a port that speaks HTTP only', async () => {
    const url = await serve((request, response) => {
      request.resume();
      request.on('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end());
    });
    const failure = firstFailure(
      await diagnose({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }),
    );
    expect(failure).toMatchObject({ check: 'traces', fix: '--protocol http/protobuf' });
  });

  test('401, and the header that was sent is not shown', async () => {
    const url = await serve((request, response) => {
      request.resume();
      response.writeHead(401).end();
    });
    const findings = await diagnose({
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer planted-secret',
    });
    expect(firstFailure(findings)).toMatchObject({ check: 'traces', fix: expect.stringContaining('--headers-file') });
    expect(JSON.stringify(findings)).not.toContain('planted-secret');
  });

  test('a web server that is no collector', async () => {
    const url = await serve((request, response) => {
      request.resume();
      response.writeHead(404).end();
    });
    const failure = firstFailure(await diagnose({ OTEL_EXPORTER_OTLP_ENDPOINT: url }));
    expect(failure?.fix).toContain('port of an OTLP receiver');
  });

  test('a path too many', async () => {
    const url = await serve((request, response) => {
      request.resume();
      response.writeHead(request.url === '/v1/traces' ? 200 : 404).end();
    });
    const failure = firstFailure(await diagnose({ OTEL_EXPORTER_OTLP_ENDPOINT: `${url}/v1/traces` }));
    expect(failure?.fix).toContain(`--endpoint ${url}, without a path`);
  });

  test('TLS to a plain port', async () => {
    const failure = firstFailure(
      await diagnose({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url.replace('http:', 'https:') }),
    );
    expect(failure).toMatchObject({ check: 'tls', fix: expect.stringContaining('--endpoint http://') });
  });

  test('a certificate that nobody trusts, and with its CA none', async () => {
    const endpoint = tlsServer.url;
    const failure = firstFailure(await diagnose({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }));
    expect(failure).toMatchObject({ check: 'tls', fix: expect.stringContaining('OTEL_EXPORTER_OTLP_CERTIFICATE') });
    const trusted = await diagnose({
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_CERTIFICATE: path.resolve(CA_FILE),
    });
    expect(trusted.find(({ check }) => check === 'tls')?.verdict).toBe('ok');
  });

  test('a CA file that does not exist', async () => {
    const failure = firstFailure(
      await diagnose({
        OTEL_EXPORTER_OTLP_ENDPOINT: tlsServer.url,
        OTEL_EXPORTER_OTLP_CERTIFICATE: '/no/such/ca.pem',
      }),
    );
    expect(failure?.fact).toContain('/no/such/ca.pem');
  });

  test('no URL', async () => {
    const failure = firstFailure(await diagnose({ OTEL_EXPORTER_OTLP_ENDPOINT: 'ftp://somewhere' }));
    expect(failure?.fact).toContain('OTEL_EXPORTER_OTLP_ENDPOINT');
  });

  test('switched off', async () => {
    const failure = firstFailure(
      await diagnose({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SDK_DISABLED: 'true' }),
    );
    expect(failure?.fix).toBe('unset OTEL_SDK_DISABLED');
  });
});
